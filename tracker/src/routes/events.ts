import { createRoute } from "@hono/zod-openapi";
import { eventsQuerySchema } from "@panal/sdk";
import { z } from "zod";
import { type App, type Services, createApiApp } from "../context.ts";
import type { HolderFinder } from "../event-filters.ts";
import { problemResponse } from "../problem.ts";
import { problems } from "./documentation.ts";

/** Whoever had it when they were last heard of, also those that sleep: they may wake. */
const EVERYBODY = { aliveSince: 0, includeLocalOnly: true };
/** As many as the index gives; there may be more. */
const MAX_FOUND_HOLDERS = 500;

const HEADERS = {
  "content-type": "text/event-stream",
  // A proxy that gathers or compresses would hold events back.
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};

const watch = createRoute({
  method: "get",
  path: "/events",
  tags: ["Tracker"],
  summary: "Peers and files that come, change and go, as they do (server-sent events)",
  description:
    "Events `peer-joined`, `peer-changed`, `peer-left` with JSON data {peerId, name}; `files-changed` with {peerId, name," +
    " revision, fileCount} and, when a list was changed and not replaced, and by at most 100 files, {added, removed};" +
    " `resync` when some were lost, since the reader was too slow or away for too long: look at everything anew. With" +
    " `fileId`, what concerns peers that have or may have it; with `q`, changes of files whose paths match, and every peer" +
    " that comes or goes. A comment every 15 s.",
  request: {
    query: eventsQuerySchema,
    headers: z.object({
      "last-event-id": z.string().max(256).optional().describe("The last event seen: begin with the next"),
    }),
  },
  responses: {
    200: {
      description: "Events",
      content: { "text/event-stream": { schema: { type: "string" } as const } },
    },
    ...problems(400, 503),
  },
});

/** /api/v1/events. */
export function eventRoutes({ events, store, limits }: Services): App {
  const app = createApiApp();

  const findHolders: HolderFinder = async (fileId) => {
    const { holders = [] } = (await store.index.file(EVERYBODY, fileId)) ?? {};
    return {
      peerIds: holders.map(({ peer }) => peer.peerId),
      areAll: holders.length < MAX_FOUND_HOLDERS,
    };
  };

  app.openapi(watch, async (c) => {
    // Nobody would read the stream, or end it.
    if (c.req.method === "HEAD") return c.body(null, 200, HEADERS);
    const lastEventId = c.req.valid("header")["last-event-id"];
    await events.reach(lastEventId);
    const close = limits.open("streams", c.var.caller);
    const body = events.watch({
      ...c.req.valid("query"),
      lastEventId,
      includeLocalOnly: c.var.caller.isLocal,
      findHolders,
      signal: c.req.raw.signal,
      onEnd: close,
    });
    if (body === undefined) {
      close();
      return problemResponse(
        { status: 503, title: "Busy", detail: "too many watch already" },
        { "retry-after": "30" },
      );
    }
    return new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>, { headers: HEADERS });
  });
  return app;
}
