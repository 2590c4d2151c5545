import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { Env, Services } from "./context.ts";
import { logText } from "./log-text.ts";

export const HEARTBEAT_ROUTE = "/api/v1/peers/:peerId/heartbeat";
/** Asked for again and again by machines: of interest only when something is wrong. */
const EVERYDAY_ROUTES = new Set([HEARTBEAT_ROUTE, "/healthz", "/readyz", "/metrics", "/assets/:name"]);

/** An answer, when its headers go out. */
interface Answered {
  readonly method: string;
  readonly path: string;
  /** The pattern; undefined when no route took it. */
  readonly route: string | undefined;
  readonly status: number;
  /** By `performance.now()`. */
  readonly startedAt: number;
  readonly requestId: string;
  readonly from: string | undefined;
}

/**
 * A line in the log for each answer: neither headers nor query, which hold leases and what people look for. And a count.
 */
export function createRequestNotes({ config: { log }, metrics }: Pick<Services, "config" | "metrics">) {
  return ({ method, path, route, status, startedAt, requestId, from }: Answered): void => {
    const seconds = (performance.now() - startedAt) / 1000;
    metrics.countRequest({ method, route, status, seconds });
    // Of what is refused for being too much, lines would be too much.
    const isEveryday = status === 429 || (status < 400 && route !== undefined && EVERYDAY_ROUTES.has(route));
    const level = isEveryday ? "debug" : "info";
    if (!log.isLevelEnabled(level)) return;
    const ms = Math.round(seconds * 10_000) / 10;
    log[level]({ id: requestId, method: logText(method), path: logText(path), status, ms, from }, "request");
  };
}

export function noteRequests(services: Services): MiddlewareHandler<Env> {
  const note = createRequestNotes(services);
  return async (c, next) => {
    const startedAt = performance.now();
    await next();
    const answering = matchedRoutes(c)[c.req.routeIndex];
    note({
      method: c.req.method,
      path: c.req.path,
      // What is for all methods is middleware: it answered itself, or nobody did.
      route: answering?.method === "ALL" ? undefined : answering?.path,
      status: c.res.status,
      startedAt,
      requestId: c.var.requestId,
      // Nobody's yet when the request was refused before.
      from: (c.var as Partial<Env["Variables"]>).caller?.address ?? c.env.remoteAddress,
    });
  };
}
