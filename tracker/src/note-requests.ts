import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { Env, Services } from "./context.ts";
import { logText } from "./log-text.ts";

/** Asked for again and again by machines: of interest only when something is wrong. */
const EVERYDAY_ROUTES = new Set([
  "/api/v1/peers/:peerId/heartbeat",
  "/healthz",
  "/readyz",
  "/metrics",
  "/assets/:name",
]);

/**
 * A line in the log for each answer, when its headers go out: neither headers nor query, which hold leases and what people
 * look for. And a count.
 */
export function noteRequests({ config: { log }, metrics }: Services): MiddlewareHandler<Env> {
  return async (c, next) => {
    const startedAt = performance.now();
    await next();
    const { status } = c.res;
    const seconds = (performance.now() - startedAt) / 1000;
    const answering = matchedRoutes(c)[c.req.routeIndex];
    // What is for all methods is middleware: it answered itself, or nobody did.
    const route = answering?.method === "ALL" ? undefined : answering?.path;
    metrics.countRequest({ method: c.req.method, route, status, seconds });
    // Of what is refused for being too much, lines would be too much.
    const isEveryday = status === 429 || (status < 400 && route !== undefined && EVERYDAY_ROUTES.has(route));
    log[isEveryday ? "debug" : "info"](
      {
        id: c.var.requestId,
        method: logText(c.req.method),
        path: logText(c.req.path),
        status,
        ms: Math.round(seconds * 10_000) / 10,
        // Nobody's yet when the request was refused before.
        from: (c.var as Partial<Env["Variables"]>).caller?.address ?? c.env.remoteAddress,
      },
      "request",
    );
  };
}
