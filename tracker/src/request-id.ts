import { randomUUID } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import type { Env } from "./context.ts";

/** What may come from outside and go into a log as it is. */
const SANE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * Names each request: by its X-Request-Id when that is a sane one, so that a proxy's log and ours can be read together,
 * else by a new one. It is in the answer's header, and in problems, which people copy into reports.
 */
export const nameRequest: MiddlewareHandler<Env> = async (c, next) => {
  const requestId = requestIdFrom(c.req.header("x-request-id"));
  c.set("requestId", requestId);
  await next();
  if (c.res.headers.get("content-type") === "application/problem+json") {
    const problem = (await c.res.json()) as object;
    const { status, headers } = c.res;
    c.res = new Response(JSON.stringify({ ...problem, requestId }), { status, headers });
  }
  c.res.headers.set("x-request-id", requestId);
};

/** The one that came with a request, if it is sane, else a new one. */
export function requestIdFrom(given: string | undefined): string {
  return given !== undefined && SANE_ID.test(given) ? given : randomUUID();
}
