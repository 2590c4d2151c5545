import { createRoute } from "@hono/zod-openapi";
import { PanalError, baseName, contentDisposition, fileIdSchema, torrentOf } from "@panal/sdk";
import { z } from "zod";
import { type App, type Services, createApiApp } from "../context.ts";
import { endpointsFor } from "../endpoints.ts";
import { problemResponse } from "../problem.ts";
import { problems } from "./documentation.ts";

const MEDIA_TYPE = "application/x-bittorrent";
/** What peers that slept, or hid behind a router, may take to be there. */
const RETRY_AFTER_SECONDS = 30;

const torrent = createRoute({
  method: "get",
  path: "/files/{fileId}/torrent",
  tags: ["Files"],
  summary: "A BitTorrent v2 torrent of the file, every live peer a web seed",
  description:
    "The same bytes for any client of BitTorrent v2 with web seeds. The hashes of the pieces come from a peer that has the" +
    " file; when none answers the tracker, 503: a peer has it, too, at `/files/{fileId}/{name}.torrent`.",
  request: {
    params: z.object({ fileId: fileIdSchema }),
    query: z.object({
      name: z.string().min(1).max(255).optional().describe("What the file is to be called"),
    }),
  },
  responses: {
    200: {
      description: "The torrent",
      content: { [MEDIA_TYPE]: { schema: { type: "string", format: "binary" } as const } },
    },
    ...problems(400, 404, 503),
  },
});

/** /api/v1/files/{fileId}/torrent. */
export function torrentRoutes({ registry, store, reports, manifests, via }: Services): App {
  const app = createApiApp();
  app.openapi(torrent, async (c) => {
    const { fileId } = c.req.valid("param");
    const { caller } = c.var;
    const file = await store.index.file(registry.viewFor(caller), fileId);
    if (file === undefined) throw new PanalError("not-found", `no live peer has ${fileId}`);
    const peers = (await reports.order(fileId, file.holders)).map(({ peer }) => peer);
    const manifest = await manifests.get(fileId, peers);
    if (manifest === undefined) {
      return problemResponse(
        {
          status: 503,
          title: "No peer answers",
          detail: `none of the peers that have ${fileId} gives the tracker the hashes of its pieces; ask one yourself`,
        },
        { "retry-after": String(RETRY_AFTER_SECONDS) },
      );
    }
    const { name, bytes } = torrentOf(manifest, {
      name: c.req.valid("query").name ?? baseName(file.names[0]?.path ?? "file"),
      // BitTorrent clients append the name to what ends in a slash.
      webSeeds: peers.flatMap((peer) =>
        endpointsFor(peer, caller, via).map(({ url }) => `${url}/files/${fileId}/`),
      ),
    });
    return c.body(bytes, 200, {
      "content-type": MEDIA_TYPE,
      "content-disposition": contentDisposition("attachment", `${name}.torrent`),
      // Its web seeds come and go.
      "cache-control": "no-cache",
    });
  });
  return app;
}
