import { createRoute } from "@hono/zod-openapi";
import {
  MAX_FILES_PER_REQUEST,
  MAX_PAGE_SIZE,
  type PanalError,
  filesRevisionSchema,
  patchFilesSchema,
  peerFilesPageSchema,
  putFilesSchema,
} from "@panal/sdk";
import { z } from "zod";
import { MAX_LIST_BODY_BYTES, parseJsonBody } from "../body.ts";
import { type App, type Services, bearerLease, createApiApp } from "../context.ts";
import { invalidField, tooLargeField } from "../invalid-fields.ts";
import { parseItems } from "../parse-items.ts";
import { createToken } from "../lease.ts";
import { answer, describeBody, listAnswer, needsLease, peerParams, problems } from "./documentation.ts";
import { timeText } from "./presentation.ts";
import { peerFilesText, wantsText } from "./text-lists.ts";

const putQuery = z.object({
  revision: z.coerce.number<string | number>().int().nonnegative().optional(),
  upload: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, "expected 1 to 64 letters, digits, - or _")
    .optional(),
  last: z.enum(["true", "false"]).optional(),
});

const put = createRoute({
  method: "put",
  path: "/peers/{peerId}/files",
  tags: ["A peer's own entry"],
  summary: "Replace the whole list, at once or in parts (?upload=ID, the last one with &last=true)",
  description: "JSON array, or NDJSON. Nothing changes until the last part is there.",
  security: needsLease,
  request: {
    params: peerParams,
    query: putQuery,
    body: describeBody(putFilesSchema, "Files, or a part of them"),
  },
  responses: {
    200: answer(filesRevisionSchema, "The list as it is now"),
    ...problems(400, 401, 403, 404, 409, 413),
  },
});

const patch = createRoute({
  method: "patch",
  path: "/peers/{peerId}/files",
  tags: ["A peer's own entry"],
  summary: "Change the list from one revision to a later one",
  security: needsLease,
  request: { params: peerParams, body: describeBody(patchFilesSchema, "What was added and removed") },
  responses: {
    200: answer(filesRevisionSchema, "The list as it is now"),
    ...problems(400, 401, 403, 404, 409, 413),
  },
});

const list = createRoute({
  method: "get",
  path: "/peers/{peerId}/files",
  tags: ["Peers"],
  summary: "A live peer's files, by path",
  request: {
    params: peerParams,
    query: z.object({
      prefix: z.string().max(4096).default(""),
      cursor: z.string().max(16_384).optional(),
      limit: z.coerce.number<string | number>().int().min(1).max(MAX_PAGE_SIZE).default(50),
    }),
  },
  responses: { 200: listAnswer(peerFilesPageSchema), ...problems(400, 404) },
});

type PutFiles = z.output<typeof putFilesSchema>;

/** /api/v1/peers/{peerId}/files: what a peer has. */
export function peerFilesRoutes({ registry, store, bodies, limits, config }: Services): App {
  const app = createApiApp();

  app.openapi(put, async (c) => {
    const { upload, last, revision } = c.req.valid("query");
    const lease = bearerLease(c.req.header("authorization"));
    // Who it is comes before what it costs.
    const peer = await registry.authorize(c.req.valid("param").peerId, lease);
    const uploadId = upload ?? createToken();
    const { peerId } = peer;
    let staged = 0;
    const stage = async (files: PutFiles) =>
      (staged = await store.lists.stage({ peerId, files, uploadId, now: registry.now() }));
    try {
      await bodies.useParts(c.req.raw, MAX_LIST_BODY_BYTES, async ({ values, start }) => {
        const files = await parseItems(values, {
          schema: putFilesSchema.element,
          field: "files",
          maxItems: MAX_FILES_PER_REQUEST,
          start,
        });
        // What ends with a part has nothing left to say, but an empty list is one, too.
        if (files.length === 0 && start > 0) return;
        limits.chargeFiles({ caller: c.var.caller, lease }, files.length);
        await stage(files);
        if (staged > config.maxFilesPerPeer) throw tooManyFiles("files", config.maxFilesPerPeer);
      });
    } catch (error) {
      // What came of it so far gives way to a list of nothing, and is cleared up; of an upload in parts, only when it can't go on.
      const isOver = upload === undefined ? staged > 0 : staged > config.maxFilesPerPeer;
      if (isOver)
        await store.lists.stage({ peerId, files: [], uploadId: createToken(), now: registry.now() });
      throw error;
    }
    if (upload !== undefined && last !== "true")
      return c.json({ revision: peer.revision, fileCount: staged }, 200);
    const state = await registry.changeFiles(peer, (lists) =>
      lists.commit({ peerId, uploadId, revision: revision ?? peer.revision + 1 }),
    );
    return c.json(state, 200);
  });

  app.openapi(patch, async (c) => {
    const lease = bearerLease(c.req.header("authorization"));
    const peer = await registry.authorize(c.req.valid("param").peerId, lease);
    return bodies.use(c.req.raw, MAX_LIST_BODY_BYTES, async (text) => {
      const change = await parseChange(text);
      if (change.revision <= change.baseRevision) {
        throw invalidField("revision", "must be above baseRevision", { value: change.revision });
      }
      limits.chargeFiles({ caller: c.var.caller, lease }, change.added.length + change.removed.length);
      // Who changes files of a list that is full is told to send it as a whole.
      if (peer.fileCount + change.added.length - change.removed.length > config.maxFilesPerPeer)
        throw tooManyFiles("added", config.maxFilesPerPeer);
      const added = change.added.map(({ path, fileId }) => ({ path, fileId }));
      const state = await registry.changeFiles(
        peer,
        (lists) => lists.patch({ peerId: peer.peerId, ...change }),
        { added, removed: change.removed },
      );
      return c.json(state, 200);
    });
  });

  app.openapi(list, async (c) => {
    const { peerId } = c.req.valid("param");
    const { caller } = c.var;
    await registry.visiblePeer(peerId, caller);
    const { rows, ...rest } = await store.index.peerFiles(
      registry.viewFor(caller),
      peerId,
      c.req.valid("query"),
    );
    const page = { files: rows.map((file) => ({ ...file, mtime: timeText(file.mtime) })), ...rest };
    return wantsText(c) ? c.text(peerFilesText(page), 200) : c.json(page, 200);
  });

  return app;
}

const patchHeadSchema = patchFilesSchema.extend({
  added: z.unknown().default([]),
  removed: z.unknown().default([]),
});

/** As `patchFilesSchema`, a part of its lists at a time. */
async function parseChange(text: string): Promise<z.output<typeof patchFilesSchema>> {
  const head = parseJsonBody(text, patchHeadSchema);
  const { added, removed } = patchFilesSchema.shape;
  const maxItems = MAX_FILES_PER_REQUEST;
  return {
    ...head,
    added: await parseItems(head.added, { schema: added.unwrap().element, field: "added", maxItems }),
    removed: await parseItems(head.removed, { schema: removed.unwrap().element, field: "removed", maxItems }),
  };
}

/** `field`: what holds the files. */
export function tooManyFiles(field: string, most: number): PanalError {
  return tooLargeField(field, `at most ${most} files of one peer are taken (--max-files-per-peer)`);
}
