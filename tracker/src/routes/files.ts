import { createRoute } from "@hono/zod-openapi";
import {
  PanalError,
  fileDetailsSchema,
  fileIdLength,
  fileIdSchema,
  filesPageSchema,
  filesQuerySchema,
  mediaTypeOf,
  statsSchema,
} from "@panal/sdk";
import { z } from "zod";
import { type App, type Services, createApiApp } from "../context.ts";
import { endpointsFor } from "../endpoints.ts";
import { answer, listAnswer, problems } from "./documentation.ts";
import { presentReach, timeText } from "./presentation.ts";
import { filesText, wantsText } from "./text-lists.ts";

const search = createRoute({
  method: "get",
  path: "/files",
  tags: ["Files"],
  summary: "Files of live peers, one row per content",
  description:
    "By relevance: names before folders, whole words before parts, then most peers, then the newest. Without words, everything, the newest" +
    " first. When nothing matches, misspelt words are put right, and `didYouMean` says how. About 2000 names are looked at for" +
    " a query with words or by peers; `isCapped` says that there are more, and more words find them. A page may be short, or" +
    " even empty, and still have a `nextCursor`: what filters let through was then too rare to be found in one go.",
  request: { query: filesQuerySchema },
  responses: { 200: listAnswer(filesPageSchema), ...problems(400) },
});

const get = createRoute({
  method: "get",
  path: "/files/{fileId}",
  tags: ["Files"],
  summary: "A file's names, and the live peers that have it",
  request: { params: z.object({ fileId: fileIdSchema }) },
  responses: { 200: answer(fileDetailsSchema, "The file"), ...problems(400, 404) },
});

const stats = createRoute({
  method: "get",
  path: "/stats",
  tags: ["Tracker"],
  summary: "How much there is, of live peers",
  responses: { 200: answer(statsSchema, "Numbers"), ...problems() },
});

/** /api/v1/files and /api/v1/stats: what everybody may look for. */
export function fileRoutes({ registry, store, reports, via }: Services): App {
  const app = createApiApp();

  app.openapi(search, async (c) => {
    const { rows, ...rest } = await store.index.search(registry.viewFor(c.var.caller), c.req.valid("query"));
    const page = { files: rows.map((file) => ({ ...file, mtime: timeText(file.mtime) })), ...rest };
    return wantsText(c) ? c.text(filesText(page), 200) : c.json(page, 200);
  });

  app.openapi(get, async (c) => {
    const { fileId } = c.req.valid("param");
    const { caller } = c.var;
    const file = await store.index.file(registry.viewFor(caller), fileId);
    if (file === undefined) throw new PanalError("not-found", `no live peer has ${fileId}`);
    return c.json(
      {
        fileId,
        size: fileIdLength(fileId),
        kind: mediaTypeOf(file.names[0]?.path ?? "").kind,
        names: file.names,
        peers: (await reports.order(fileId, file.holders)).map(({ peer, path, mtime, reports: counts }) => ({
          peerId: peer.peerId,
          name: peer.name,
          endpoints: endpointsFor(peer, caller, via),
          path,
          mtime: timeText(mtime),
          ...presentReach(peer),
          reports: counts,
        })),
      },
      200,
    );
  });

  app.openapi(stats, async (c) => c.json(await store.index.stats(registry.viewFor(c.var.caller)), 200));

  return app;
}
