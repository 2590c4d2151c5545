import type { MiddlewareHandler } from "hono";
import { type Env, type Services, bearerLease } from "./context.ts";
import type { LimitName } from "./limits.ts";

/** Whoever looks whether the tracker is well isn't to be told that others asked for too much. */
const FREE_PATHS = new Set(["/healthz", "/readyz"]);

/** What a request counts as; undefined: as nothing. */
export function limitOf(method: string, path: string): LimitName | undefined {
  if (FREE_PATHS.has(path)) return undefined;
  const [, version, kind, , part] = /^\/api(\/v1)\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?\/?$/.exec(path) ?? [];
  if (version === undefined) {
    if (method === "POST" && path === "/register") return "registrations";
    return path.startsWith("/search/") ? "searches" : "requests";
  }
  const isItem = part === undefined;
  switch (`${method} ${kind}${isItem ? "" : `/${part}`}`) {
    case "POST peers":
      return "registrations";
    case "POST peers/heartbeat":
      return "heartbeats";
    case "PUT peers/files":
    case "PATCH peers/files":
      return "announces";
    case "POST files/reports":
      return "reports";
    case "GET files":
    case "HEAD files":
      return path.split("/").length === 4 ? "searches" : "requests";
    default:
      return "requests";
  }
}

/** Refuses whoever does more than an address or a lease may, before any of it costs something. */
export function limitRequests({ limits }: Services): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (c.env.isAdmitted === true) return next();
    const account = { caller: c.var.caller, lease: bearerLease(c.req.header("authorization")) };
    const limit = limitOf(c.req.method, c.req.path);
    if (limit !== undefined) limits.admit(limit, account);
    // The short form is both in one.
    if (c.req.path === "/register") limits.admit("announces", account);
    return next();
  };
}
