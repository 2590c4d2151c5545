import { type App, type Services, createApiApp } from "../context.ts";
import { problemResponse } from "../problem.ts";
import { waitMs, withinTime } from "../wait.ts";

/** Whoever asks /readyz gives up soon after. */
const PING_TIMEOUT_MS = 2_000;
const NO_STORE = { "cache-control": "no-store" };

/** For whoever watches over the process: /healthz unless a restart would help, /readyz while it can do its work, /metrics. */
export function healthRoutes({ store, config, health, metrics }: Services): App {
  const app = createApiApp();
  const text = { description: "Yes", content: { "text/plain": { schema: { type: "string" as const } } } };
  app.openAPIRegistry.registerPath({
    method: "get",
    path: "/healthz",
    tags: ["Tracker"],
    summary: "Whether the process works: its upkeep was done in the last minute",
    responses: { 200: text, 503: { description: "No: start it anew" } },
  });
  app.openAPIRegistry.registerPath({
    method: "get",
    path: "/readyz",
    tags: ["Tracker"],
    summary: "Whether requests are to come here: the database answers, and the tracker isn't stopping",
    responses: { 200: text, 503: { description: "Not now" } },
  });
  app.openAPIRegistry.registerPath({
    method: "get",
    path: "/metrics",
    tags: ["Tracker"],
    summary: "Counts and measurements for Prometheus; for the tracker's machine and --metrics-from",
    responses: {
      200: { ...text, description: "In Prometheus' text format" },
      403: { description: "Not for you" },
    },
  });

  app.get("/healthz", (c) => {
    if (health.isStuck) return notNow("upkeep hasn't been done for a minute");
    return c.text("ok\n", 200, NO_STORE);
  });
  app.get("/readyz", async (c) => {
    if (health.isStopping) return notNow("the tracker is stopping");
    try {
      const late = () => new Error(`no answer in ${PING_TIMEOUT_MS} ms`);
      await withinTime(store.ping(), { ms: PING_TIMEOUT_MS, wait: waitMs, late });
    } catch (error) {
      config.log.error({ error }, "the database doesn't answer");
      return notNow("the database doesn't answer");
    }
    return c.text("ready\n", 200, NO_STORE);
  });
  app.get("/metrics", async (c) => {
    const { caller } = c.var;
    if (!caller.isLocal && !(caller.isSeen && config.metricsFrom.has(caller.address))) {
      return problemResponse({
        status: 403,
        title: "Not allowed",
        detail: `${caller.address}: metrics are for the tracker's own machine and --metrics-from`,
      });
    }
    const { contentType, body } = await metrics.text();
    return c.body(body, 200, { "content-type": contentType, ...NO_STORE });
  });
  return app;
}

function notNow(detail: string): Response {
  return problemResponse({ status: 503, title: "Not ready", detail });
}
