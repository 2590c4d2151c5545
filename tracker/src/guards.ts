import type { MiddlewareHandler } from "hono";
import { type Caller, callerOf, callerRules } from "./caller.ts";
import type { Env, Services } from "./context.ts";
import { problemResponse } from "./problem.ts";

/** Methods that change nothing, so that any page may make a browser send them. */
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
const CORS_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";
const CORS_HEADERS = "authorization, content-type, if-none-match, last-event-id, x-request-id";
const CORS_EXPOSED = "etag, retry-after, x-request-id";
const PREFLIGHT_SECONDS = "600";

/** Works out who calls, and lets nobody in by a name that isn't ours: a page's own domain may resolve to this address. */
export function guardHost({ webOrigins, config }: Services): MiddlewareHandler<Env> {
  const rules = callerRules(config);
  return async (c, next) => {
    const host = c.req.header("host") ?? new URL(c.req.url).host;
    if (!webOrigins.acceptsHost(host)) {
      return problemResponse({
        status: 421,
        title: "Unknown host name",
        detail: `${JSON.stringify(host.slice(0, 255))}: this tracker wasn't told of that name; start it with --allow-host`,
      });
    }
    // From the connection, never from what the request says of itself.
    const caller: Caller = callerOf(
      { remoteAddress: c.env.remoteAddress, header: (name) => c.req.header(name) },
      rules,
    );
    // Under https something stands in front, and what its other ports are, nobody knows here.
    const isSecure = c.req.header("x-forwarded-proto") === "https";
    const reachedHost = isSecure ? undefined : hostNameOf(host);
    c.set("caller", reachedHost === undefined ? caller : { ...caller, reachedHost });
    return next();
  };
}

/** Without port and brackets. */
function hostNameOf(host: string): string | undefined {
  const url = `http://${host}`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, "") : undefined;
}

/** Pages of known origins may use the API; those of others can't read it, and change nothing through a visitor's browser. */
export function guardOrigin({ webOrigins }: Services): MiddlewareHandler<Env> {
  return async (c, next) => {
    const origin = c.req.header("origin");
    if (origin === undefined) {
      await next();
      c.res.headers.append("vary", "origin");
      return;
    }
    // A page of this very server, under whatever port a proxy or container shows: its Host passed guardHost.
    const host = c.req.header("host") ?? new URL(c.req.url).host;
    const isOwn = origin === `http://${host}` || origin === `https://${host}`;
    const isKnown = isOwn || webOrigins.has(origin);
    if (!isKnown && (c.req.method === "OPTIONS" || !SAFE_METHODS.has(c.req.method))) {
      return problemResponse({
        kind: "foreign-origin",
        status: 403,
        title: "Foreign origin",
        detail: `${JSON.stringify(origin.slice(0, 255))}: pages from there may not use this tracker (see --allow-origin)`,
      });
    }
    if (c.req.method === "OPTIONS") {
      return c.body(null, 204, {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": CORS_METHODS,
        "access-control-allow-headers": CORS_HEADERS,
        "access-control-max-age": PREFLIGHT_SECONDS,
        vary: "origin",
      });
    }
    await next();
    c.res.headers.append("vary", "origin");
    if (isKnown) {
      c.res.headers.set("access-control-allow-origin", origin);
      c.res.headers.set("access-control-expose-headers", CORS_EXPOSED);
    }
    return;
  };
}

/** On every answer, but that a page may have a policy of its own. No Strict-Transport-Security, which would break http, and no CORP, which would break other origins. */
export const SAFETY_HEADERS = [
  ["x-content-type-options", "nosniff"],
  ["referrer-policy", "no-referrer"],
  ["x-frame-options", "DENY"],
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'"],
] as const;

export const setSafetyHeaders: MiddlewareHandler<Env> = async (c, next) => {
  await next();
  const headers = c.res.headers;
  for (const [name, value] of SAFETY_HEADERS) {
    if (name !== "content-security-policy" || !headers.has(name)) headers.set(name, value);
  }
};
