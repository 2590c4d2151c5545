import { createRoute } from "@hono/zod-openapi";
import { PanalError, fileIdSchema, reportCountsSchema, reportRequestSchema } from "@panal/sdk";
import { clientOf } from "@panal/sdk/node";
import { z } from "zod";
import { MAX_SMALL_BODY_BYTES, parseJsonBody } from "../body.ts";
import { type App, type Services, createApiApp } from "../context.ts";
import { MAX_HOLDERS } from "../store/store.ts";
import { answer, describeBody, problems } from "./documentation.ts";

const report = createRoute({
  method: "post",
  path: "/files/{fileId}/reports",
  tags: ["Files"],
  summary: "Say that a peer sent wrong bytes of a file, or didn't answer",
  description:
    "Anybody may. An address counts once for each peer and file, by what it said last, and for an hour, less and less. Peers with reports" +
    " come later in the file's list; none is taken away. The tracker looks soon whether the peer answers: if it does, reports that it" +
    " doesn't are gone.",
  request: {
    params: z.object({ fileId: fileIdSchema }),
    body: describeBody(reportRequestSchema, "Which peer, and what it did"),
  },
  responses: {
    200: answer(reportCountsSchema, "What has been said of this peer and file"),
    ...problems(400, 404, 413),
  },
});

/** /api/v1/files/{fileId}/reports. */
export function reportRoutes({ registry, store, reports, bodies }: Services): App {
  const app = createApiApp();
  app.openapi(report, async (c) => {
    const { fileId } = c.req.valid("param");
    const { caller } = c.var;
    const { peerId, reason } = await bodies.use(c.req.raw, MAX_SMALL_BODY_BYTES, async (text) =>
      parseJsonBody(text, reportRequestSchema),
    );
    const { holders = [] } = (await store.index.file(registry.viewFor(caller), fileId)) ?? {};
    const isHolder = holders.some(({ peer }) => peer.peerId === peerId);
    // The index gives so many; there may be more.
    if (!isHolder && holders.length < MAX_HOLDERS)
      throw new PanalError("not-found", `no live peer ${peerId} has ${fileId}`);
    return c.json(await reports.add({ peerId, fileId, reason, reporter: clientOf(caller.address) }), 200);
  });
  return app;
}
