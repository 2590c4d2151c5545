import { streamSSE } from "hono/streaming";
import { type App, type Services, createApiApp } from "../context.ts";
import { problemResponse } from "../problem.ts";

/** Proxies cut what is silent for longer. */
const KEEP_ALIVE_MS = 15_000;

/** /api/v1/events: peers and files that come and go, as server-sent events. */
export function eventRoutes({ events }: Services): App {
  const app = createApiApp();
  app.openAPIRegistry.registerPath({
    method: "get",
    path: "/events",
    tags: ["Tracker"],
    summary: "Peers that come, go, or change their files, as they do (server-sent events)",
    description:
      "Events `peer-joined`, `peer-left`, `files-changed` with JSON data {peerId, name, revision?, fileCount?}; `reset` when" +
      " some were lost because the reader was too slow: look at everything anew. A comment every 15 s.",
    responses: {
      200: { description: "Events", content: { "text/event-stream": { schema: { type: "string" } } } },
    },
  });
  app.get("/events", (c) => {
    // Nobody would read the stream, or end it.
    if (c.req.method === "HEAD") return c.body(null, 200, { "content-type": "text/event-stream" });
    const watcher = events.watch({ includeLocalOnly: c.var.caller.isLocal });
    if (watcher === undefined) {
      return problemResponse(
        { status: 503, title: "Busy", detail: "too many watch already" },
        { "retry-after": "30" },
      );
    }
    // A proxy that gathers or compresses would hold events back.
    c.header("x-accel-buffering", "no");
    return streamSSE(c, async (stream) => {
      stream.onAbort(() => watcher.close());
      c.req.raw.signal.addEventListener("abort", () => watcher.close(), { once: true });
      try {
        await stream.write(": hello\n\n");
        while (!stream.aborted && !watcher.closed) {
          const event = await watcher.next(KEEP_ALIVE_MS);
          if (stream.aborted || watcher.closed) break;
          // Awaited, so that a slow reader fills its queue here and not the socket's.
          if (event === undefined) await stream.write(": still here\n\n");
          else if (event === "reset") await stream.writeSSE({ event: "reset", data: "{}" });
          else {
            const { type, isLocalOnly: _, ...data } = event;
            await stream.writeSSE({ event: type, data: JSON.stringify(data) });
          }
        }
      } finally {
        watcher.close();
      }
    });
  });
  return app;
}
