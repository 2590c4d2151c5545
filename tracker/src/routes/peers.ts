import { createRoute } from "@hono/zod-openapi";
import {
  MAX_PAGE_SIZE,
  PanalError,
  heartbeatResponseSchema,
  peerSchema,
  peersPageSchema,
  registerRequestSchema,
  registerResponseSchema,
} from "@panal/sdk";
import { z } from "zod";
import { MAX_SMALL_BODY_BYTES, parseJsonBody } from "../body.ts";
import { type App, type Services, bearerLease, createApiApp } from "../context.ts";
import { answer, describeBody, listAnswer, needsLease, peerParams, problems } from "./documentation.ts";
import { presentHeartbeat, presentPeer, timeText } from "./presentation.ts";
import { peersText, wantsText } from "./text-lists.ts";

const register = createRoute({
  method: "post",
  path: "/peers",
  tags: ["A peer's own entry"],
  summary: "Register; with a lease, renew the same peer",
  security: [{}, ...needsLease],
  request: {
    body: describeBody(registerRequestSchema, "`port`, `urls`, or `relay` for one that can't be called"),
  },
  responses: {
    201: answer(registerResponseSchema, "Registered; serve the nonce, heartbeat, keep the lease"),
    ...problems(400, 401, 409, 413),
  },
});

const heartbeat = createRoute({
  method: "post",
  path: "/peers/{peerId}/heartbeat",
  tags: ["A peer's own entry"],
  summary: "Say that the peer lives",
  security: needsLease,
  request: { params: peerParams },
  responses: { 200: answer(heartbeatResponseSchema, "Heard"), ...problems(401, 403, 404) },
});

const logout = createRoute({
  method: "delete",
  path: "/peers/{peerId}",
  tags: ["A peer's own entry"],
  summary: "Log out: gone from every answer at once",
  security: needsLease,
  request: { params: peerParams },
  responses: { 204: { description: "Gone" }, ...problems(401, 403, 404) },
});

const listQuery = z.object({
  cursor: z.string().max(1024).optional(),
  limit: z.coerce.number<string | number>().int().min(1).max(MAX_PAGE_SIZE).default(50),
});

const list = createRoute({
  method: "get",
  path: "/peers",
  tags: ["Peers"],
  summary: "Live peers, in the order they registered",
  request: { query: listQuery },
  responses: { 200: listAnswer(peersPageSchema), ...problems(400) },
});

const get = createRoute({
  method: "get",
  path: "/peers/{peerId}",
  tags: ["Peers"],
  summary: "A live peer",
  request: { params: peerParams },
  responses: { 200: answer(peerSchema, "The peer"), ...problems(404) },
});

/** /api/v1/peers: a peer's own entry, and what everybody may know of it. */
export function peerRoutes({ registry, store, webOrigins, bodies, via, relay }: Services): App {
  const app = createApiApp();

  app.openapi(register, async (c) => {
    const request = await bodies.use(c.req.raw, MAX_SMALL_BODY_BYTES, async (text) =>
      parseJsonBody(text, registerRequestSchema),
    );
    const lease = bearerLease(c.req.header("authorization"));
    if (lease === undefined && c.req.header("authorization") !== undefined) {
      throw new PanalError(
        "unauthorized",
        "expected Authorization: Bearer <lease>, or none to register anew",
      );
    }
    const relayUrl = relay?.urlFor(c.var.caller);
    if (
      request.relay === true &&
      request.urls === undefined &&
      request.port === undefined &&
      relayUrl === undefined
    ) {
      throw new PanalError("invalid", "relay: this tracker has none: announce port or urls");
    }
    const registration = await registry.register(request, { caller: c.var.caller, lease });
    return c.json(
      {
        peerId: registration.peerId,
        lease: registration.lease,
        nonce: registration.nonce,
        heartbeatSeconds: registry.heartbeatSeconds,
        expiresAt: timeText(registration.expiresAt),
        webOrigins: webOrigins.list(),
        ...(relayUrl === undefined ? {} : { relayUrl }),
      },
      201,
    );
  });

  app.openapi(heartbeat, async (c) => {
    const { peerId } = c.req.valid("param");
    const heard = await registry.heartbeat(peerId, {
      lease: bearerLease(c.req.header("authorization")),
      caller: c.var.caller,
    });
    return c.json(presentHeartbeat({ registry, webOrigins }, heard), 200);
  });

  app.openapi(logout, async (c) => {
    await registry.logout(c.req.valid("param").peerId, bearerLease(c.req.header("authorization")));
    return c.body(null, 204);
  });

  app.openapi(list, async (c) => {
    const { caller } = c.var;
    const { rows, ...rest } = await store.peers.list(registry.viewFor(caller), c.req.valid("query"));
    const page = { peers: rows.map((peer) => presentPeer(peer, { caller, via })), ...rest };
    return wantsText(c) ? c.text(peersText(page), 200) : c.json(page, 200);
  });

  app.openapi(get, async (c) => {
    const { peerId } = c.req.valid("param");
    const { caller } = c.var;
    return c.json(presentPeer(await registry.visiblePeer(peerId, caller), { caller, via }), 200);
  });

  return app;
}
