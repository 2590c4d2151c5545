import { createRoute } from "@hono/zod-openapi";
import {
  type AnnouncedFile,
  PanalError,
  parseSharePath,
  shortLogoutRequestSchema,
  shortRegisterRequestSchema,
  shortRegisterResponseSchema,
  shortSearchResponseSchema,
} from "@panal/sdk";
import { z } from "zod";
import { parseAddress, urlHost } from "../addresses.ts";
import { MAX_LIST_BODY_BYTES, MAX_SMALL_BODY_BYTES, parseJsonBody } from "../body.ts";
import type { Caller } from "../caller.ts";
import { type App, type Services, bearerLease, createApiApp } from "../context.ts";
import { directEndpoints, hostAndPortOf } from "../endpoints.ts";
import { createToken } from "../lease.ts";
import { invalidField } from "../invalid-fields.ts";
import { reachOfPeer, reachRank } from "../reach.ts";
import type { BareName } from "../store/store.ts";
import { tooManyFiles } from "./peer-files.ts";
import { answer, describeBody, needsLease, problems } from "./documentation.ts";

const TAGS = ["Short forms, for curl"];

const register = createRoute({
  method: "post",
  path: "/register",
  tags: TAGS,
  summary: "Register a peer with the names of its files",
  security: [{}, ...needsLease],
  request: { body: describeBody(shortRegisterRequestSchema, "Any Content-Type will do") },
  responses: { 201: answer(shortRegisterResponseSchema, "Registered"), ...problems(400, 401, 403, 409, 413) },
});

const search = createRoute({
  method: "get",
  path: "/search/{filename}",
  tags: TAGS,
  summary: "Who has a file of exactly this name, case aside",
  request: { params: z.object({ filename: z.string().min(1).max(255) }) },
  responses: { 200: answer(shortSearchResponseSchema, "Who has it"), ...problems(404) },
});

const logout = createRoute({
  method: "post",
  path: "/logout",
  tags: TAGS,
  summary: "Log out, with the lease as Bearer or in the body",
  security: [{}, ...needsLease],
  request: { body: { ...describeBody(shortLogoutRequestSchema, "Not needed with Bearer"), required: false } },
  responses: { 204: { description: "Gone" }, ...problems(400, 401) },
});

/** The same things in fewer words. */
export function shortFormRoutes({ registry, store, config, bodies, limits }: Services): App {
  const app = createApiApp();

  app.openapi(register, (c) =>
    bodies.use(c.req.raw, MAX_LIST_BODY_BYTES, async (text) => {
      const request = parseJsonBody(text, shortRegisterRequestSchema);
      const { caller } = c.var;
      limits.chargeFiles({ caller, lease: undefined }, request.files.length);
      if (request.files.length > config.maxFilesPerPeer) throw tooManyFiles("files", config.maxFilesPerPeer);
      const address = addressOf(request.ip, caller);
      const url = `http://${urlHost(address)}:${request.port}`;
      const { files, bareNames } = splitFiles(request.files, config.now());
      const registration = await registry.register(
        {
          name: request.name ?? `${address}:${request.port}`.slice(0, 64),
          urls: [url],
          version: "",
          acceptsUploads: false,
        },
        { caller, lease: bearerLease(c.req.header("authorization")) },
      );
      const { peerId, lease, nonce } = registration;
      const uploadId = createToken();
      await store.lists.setBareNames(peerId, bareNames);
      await store.lists.stage({ peerId, files, uploadId, now: registry.now() });
      const peer = await registry.authorize(peerId, lease);
      await registry.changeFiles(peer, (lists) =>
        lists.commit({ peerId, uploadId, revision: peer.revision + 1 }),
      );
      return c.json(
        {
          peerId,
          lease,
          nonce,
          heartbeatSeconds: registry.heartbeatSeconds,
          url: registration.urls[0] ?? url,
        },
        201,
      );
    }),
  );

  app.openapi(search, async (c) => {
    const { filename } = c.req.valid("param");
    const { caller } = c.var;
    const holders = await store.index.holdersOf(registry.viewFor(caller), filename);
    const byReach = holders.toSorted(
      (a, b) => reachRank(reachOfPeer(a.peer)) - reachRank(reachOfPeer(b.peer)),
    );
    const peers = byReach.flatMap(({ peer, fileId, size }) => {
      const url = directEndpoints(peer, caller)[0]?.url;
      if (url === undefined) return [];
      const { host, port } = hostAndPortOf(url);
      return {
        peerId: peer.peerId,
        name: peer.name,
        ip: host,
        port,
        url,
        fileId: fileId ?? null,
        size: size ?? null,
      };
    });
    if (peers.length === 0) throw new PanalError("not-found", `no live peer has ${JSON.stringify(filename)}`);
    return c.json({ filename, peers }, 200);
  });

  app.openapi(logout, async (c) => {
    const bearer = bearerLease(c.req.header("authorization"));
    const lease =
      bearer ??
      (
        await bodies.use(c.req.raw, MAX_SMALL_BODY_BYTES, async (text) => {
          if (text.trim() === "") {
            throw new PanalError(
              "unauthorized",
              'expected "Authorization: Bearer <lease>", or {"lease"} as the body',
            );
          }
          return parseJsonBody(text, shortLogoutRequestSchema);
        })
      ).lease;
    await registry.logoutByLease(lease);
    return c.body(null, 204);
  });

  return app;
}

/** The address a peer is to be found at: where it calls from. Only this machine may speak for another. */
function addressOf(ip: string | undefined, caller: Caller): string {
  if (ip === undefined) return caller.address;
  const address = parseAddress(ip) ?? ip;
  if (address !== caller.address && !caller.isLocal) {
    throw new PanalError(
      "forbidden",
      `ip: you call from ${caller.address}, not from ${address}; leave it out`,
    );
  }
  return address;
}

function splitFiles(
  announced: z.output<typeof shortRegisterRequestSchema>["files"],
  now: number,
): { files: AnnouncedFile[]; bareNames: BareName[] } {
  const mtime = new Date(now).toISOString();
  const files: AnnouncedFile[] = [];
  const bareNames: BareName[] = [];
  for (const [index, item] of announced.entries()) {
    const file = typeof item === "string" ? { name: item } : item;
    const path = parseName(file.name, `files[${index}]${typeof item === "string" ? "" : ".name"}`);
    if ("fileId" in file && file.fileId !== undefined) files.push({ path, fileId: file.fileId, mtime });
    else bareNames.push({ name: path, size: "size" in file ? file.size : undefined });
  }
  return { files, bareNames };
}

function parseName(name: string, field: string): string {
  try {
    return parseSharePath(name, "name");
  } catch (error) {
    throw invalidField(field, PanalError.from(error).message, { value: name });
  }
}
