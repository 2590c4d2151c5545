import { type App, type Services, createApiApp } from "../context.ts";
import { problemResponse } from "../problem.ts";

/** For whoever watches over the process: /healthz while it runs, /readyz while it can do its work. */
export function healthRoutes({ store, config }: Services): App {
  const app = createApiApp();
  const text = { description: "Yes", content: { "text/plain": { schema: { type: "string" as const } } } };
  app.openAPIRegistry.registerPath({
    method: "get",
    path: "/healthz",
    tags: ["Tracker"],
    summary: "Whether the process runs",
    responses: { 200: text },
  });
  app.openAPIRegistry.registerPath({
    method: "get",
    path: "/readyz",
    tags: ["Tracker"],
    summary: "Whether its database answers",
    responses: { 200: text, 503: { description: "Not now" } },
  });
  app.get("/healthz", (c) => c.text("ok\n", 200, { "cache-control": "no-store" }));
  app.get("/readyz", async (c) => {
    try {
      await store.ping();
    } catch (error) {
      config.log(`database: ${error instanceof Error ? error.message : String(error)}`);
      return problemResponse({ status: 503, title: "Not ready", detail: "the database doesn't answer" });
    }
    return c.text("ready\n", 200, { "cache-control": "no-store" });
  });
  return app;
}
