import {
  fileDetailsSchema,
  filesPageSchema,
  heartbeatResponseSchema,
  peerFilesPageSchema,
  peerSchema,
  peersPageSchema,
  registerResponseSchema,
  statsSchema,
} from "@panal/sdk";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sampleFileId } from "./store/testing/sample-entries.ts";
import { type Call, type TestTracker, createTestTracker } from "./testing/test-tracker.ts";

const MTIME = "2026-01-02T03:04:05.000Z";
const files = (...paths: string[]) =>
  paths.map((path, n) => ({ path, fileId: sampleFileId(n), mtime: MTIME }));

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.close());

test("a search says what it corrected and counts kinds; what it can't mean is refused by name", async () => {
  const { peerId, lease } = await tracker.register(7071);
  await tracker.call(`/api/v1/peers/${peerId}/files?revision=1`, {
    method: "PUT",
    lease,
    body: files("docs/winter.txt", "winter.mp3"),
  });
  const found = await tracker.call("/api/v1/files?q=witner+kind:audio");
  expect(filesPageSchema.parse(found.body)).toMatchObject({
    files: [{ path: "winter.mp3" }],
    didYouMean: "winter",
    kinds: { video: 0, audio: 1, image: 0, document: 1, archive: 0, other: 0 },
  });
  const refused = await tracker.call(`/api/v1/files?q=${encodeURIComponent("size:>abc")}`);
  expect(refused).toMatchObject({
    status: 400,
    body: { errors: [{ field: "q", message: expect.stringContaining("size:>abc") as string }] },
  });
});

test("a peer registers, announces, is found, changes its list, logs out", async () => {
  const registered = await tracker.call("/api/v1/peers", {
    body: {
      name: " Ana's laptop ",
      urls: ["http://192.168.1.7:7071/", "http://127.0.0.1:7071"],
      version: "0.1.0",
    },
  });
  expect(registered.status).toBe(201);
  const { peerId, lease, webOrigins } = registerResponseSchema.parse(registered.body);
  expect(webOrigins).toContain("http://localhost:7070");
  const path = `/api/v1/peers/${peerId}`;

  const put = await tracker.call(`${path}/files?revision=3`, {
    method: "PUT",
    lease,
    body: files("docs/a.txt", "b.mp3"),
  });
  expect(put).toMatchObject({ status: 200, body: { revision: 3, fileCount: 2 } });
  const page = filesPageSchema.parse((await tracker.call("/api/v1/files?q=A.TXT")).body);
  expect(page.files).toMatchObject([{ path: "docs/a.txt", kind: "document", mtime: MTIME, peerCount: 1 }]);
  const details = fileDetailsSchema.parse((await tracker.call(`/api/v1/files/${sampleFileId(0)}`)).body);
  expect(details).toMatchObject({
    size: 1000,
    names: [{ path: "docs/a.txt", peerCount: 1 }],
    peers: [
      {
        peerId,
        name: "Ana's laptop",
        endpoints: [
          { url: "http://192.168.1.7:7071", route: "direct" },
          { url: "http://127.0.0.1:7071", route: "direct" },
        ],
      },
    ],
  });

  const patch = await tracker.call(`${path}/files`, {
    method: "PATCH",
    lease,
    body: { baseRevision: 3, revision: 4, added: files("c.txt"), removed: ["docs/a.txt"] },
  });
  expect(patch).toMatchObject({ status: 200, body: { revision: 4, fileCount: 2 } });
  const stale = { method: "PATCH", lease, body: { baseRevision: 3, revision: 5 } };
  expect((await tracker.call(`${path}/files`, stale)).status).toBe(409);

  const beat = await tracker.call(`${path}/heartbeat`, { method: "POST", lease });
  expect(heartbeatResponseSchema.parse(beat.body)).toMatchObject({ revision: 4, heartbeatSeconds: 10 });
  const list = peerFilesPageSchema.parse((await tracker.call(`${path}/files?limit=1`)).body);
  expect(list.files.map((file) => file.path)).toEqual(["b.mp3"]);
  const rest = peerFilesPageSchema.parse(
    (await tracker.call(`${path}/files?cursor=${list.nextCursor}`)).body,
  );
  expect(rest.files.map((file) => file.path)).toEqual(["c.txt"]);
  expect(peerSchema.parse((await tracker.call(path)).body)).toMatchObject({ fileCount: 2, totalSize: 2001 });
  expect(peersPageSchema.parse((await tracker.call("/api/v1/peers")).body).peers.length).toBe(1);
  expect(statsSchema.parse((await tracker.call("/api/v1/stats")).body)).toMatchObject({ peers: 1, files: 2 });

  expect(await tracker.call(path, { method: "DELETE", lease })).toMatchObject({ status: 204, body: "" });
  expect((await tracker.call(path)).status).toBe(404);
  expect((await tracker.call("/api/v1/files")).body).toEqual({
    files: [],
    kinds: { video: 0, audio: 0, image: 0, document: 0, archive: 0, other: 0 },
  });
  expect((await tracker.call(`${path}/heartbeat`, { method: "POST", lease })).status).toBe(404);
});

test("a long list comes in parts, as NDJSON or as arrays, and shows when the last part is there", async () => {
  const { peerId, lease } = await tracker.register(1);
  const part = (query: string, body: unknown, headers = {}) =>
    tracker.call(`/api/v1/peers/${peerId}/files?${query}`, { method: "PUT", lease, body, headers });
  const lines = files("a.txt", "b.txt").map((file) => `${JSON.stringify(file)}\n`);
  expect((await part("upload=u1&last=false", lines.join("\n"))).body).toEqual({ revision: 0, fileCount: 2 });
  expect((await tracker.call("/api/v1/files")).body.files).toEqual([]);
  const ndjson = { "content-type": "application/x-ndjson" };
  expect((await part("upload=u1&last=true&revision=9", "", ndjson)).body).toEqual({
    revision: 9,
    fileCount: 2,
  });
  expect((await tracker.call("/api/v1/files")).body.files.length).toBe(2);
});

describe("leases", () => {
  test.each([
    ["POST", "/heartbeat", undefined],
    ["PUT", "/files", []],
    ["PATCH", "/files", { baseRevision: 0, revision: 1 }],
    ["DELETE", "", undefined],
  ] as const)(
    "%s %s: 401 without or with an unknown one, 403 with another's, 404 for a stranger",
    async (method, path, body) => {
      const [ana, bea] = [await tracker.register(1), await tracker.register(2)];
      const ask = (peerId: string, call: Call) =>
        tracker.call(`/api/v1/peers/${peerId}${path}`, {
          method,
          ...(body === undefined ? {} : { body }),
          ...call,
        });
      const none = await ask(ana.peerId, {});
      expect(none.status).toBe(401);
      expect(none.headers.get("www-authenticate")).toMatch(/^Bearer/);
      expect((await ask(ana.peerId, { lease: "unknown" })).status).toBe(401);
      expect((await ask(ana.peerId, { headers: { authorization: `Basic ${ana.lease}` } })).status).toBe(401);
      expect((await ask(ana.peerId, { lease: bea.lease })).status).toBe(403);
      expect((await ask("not-a-peer-here", { lease: ana.lease })).status).toBe(404);
      expect((await tracker.call("/api/v1/peers")).body.peers.length).toBe(2);
    },
  );

  test("an unknown lease at registration is refused, not ignored", async () => {
    const call = { body: { name: "a", port: 1 }, lease: "unknown" };
    expect((await tracker.call("/api/v1/peers", call)).status).toBe(401);
    const basic = { body: { name: "a", port: 1 }, headers: { authorization: "Basic abc" } };
    expect((await tracker.call("/api/v1/peers", basic)).status).toBe(401);
  });
});

const NOT_CHECKED = { reachable: "unknown", reachableReason: "not checked yet" };

describe("what a caller sees", () => {
  test("loopback endpoints only on the tracker's own machine", async () => {
    const urls = ["http://127.0.0.1:7071", "http://localhost:7071", "http://192.168.1.5:7071"];
    const { body } = await tracker.call("/api/v1/peers", { body: { name: "a", urls } });
    const seen = async (from: string) =>
      (
        (await tracker.call(`/api/v1/peers/${body.peerId}`, { from })).body.endpoints as { url: string }[]
      ).map(({ url }) => url);
    expect(await seen("::1")).toEqual(urls);
    // By its own address in the network: the same machine.
    expect(await seen("192.168.1.5")).toEqual(urls);
    expect(await seen("192.168.1.6")).toEqual([urls[2]]);
  });

  test("a peer only this machine can reach is nowhere for others", async () => {
    const { body } = await tracker.call("/register", { body: { port: 7071, files: ["mine.txt"] } });
    for (const [from, status] of [
      ["127.0.0.1", 200],
      ["192.168.1.6", 404],
    ] as const) {
      expect((await tracker.call(`/api/v1/peers/${body.peerId}`, { from })).status).toBe(status);
      expect((await tracker.call("/search/mine.txt", { from })).status).toBe(status);
      expect((await tracker.call("/api/v1/stats", { from })).body.peers).toBe(status === 200 ? 1 : 0);
    }
  });

  test("another machine can't announce loopback addresses", async () => {
    const register = (urls: string[]) =>
      tracker.call("/api/v1/peers", { body: { name: "a", urls }, from: "10.0.0.1" });
    expect((await register(["http://127.0.0.1:22", "http://[::1]:22", "http://2130706433:22"])).status).toBe(
      400,
    );
    const { body } = await register(["http://127.0.0.1:22", "http://10.0.0.1:7071"]);
    expect((await tracker.call(`/api/v1/peers/${body.peerId}`)).body.endpoints).toEqual([
      { url: "http://10.0.0.1:7071", route: "direct", ...NOT_CHECKED },
    ]);
  });

  test("a forwarded header makes the caller remote, unless a trusted proxy sets it", async () => {
    const headers = { "x-forwarded-for": "10.9.9.9, 10.0.0.1" };
    const register = { body: { name: "a", port: 1 }, headers };
    expect((await tracker.call("/api/v1/peers", register)).status).toBe(400);
    const behind = createTestTracker({ trustedProxies: ["127.0.0.1"] });
    const { body } = await behind.call("/api/v1/peers", register);
    expect((await behind.call(`/api/v1/peers/${body.peerId}`)).body.endpoints).toEqual([
      { url: "http://10.0.0.1:1", route: "direct", ...NOT_CHECKED },
    ]);
    await behind.close();
  });
});

test("hostile names come back as they are, in JSON", async () => {
  const { peerId, lease } = await tracker.register(1);
  const names = [
    "<img src=x onerror=alert(1)>.png",
    '"quotes".txt',
    "new\nline",
    "\u202egpj.exe",
    "\u001b[31mred",
    "🐝",
    "x".repeat(255),
  ];
  await tracker.call(`/api/v1/peers/${peerId}/files`, { method: "PUT", lease, body: files(...names) });
  const answer = await tracker.call(`/api/v1/peers/${peerId}/files`);
  expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect((answer.body.files as { path: string }[]).map(({ path }) => path).toSorted()).toEqual(
    names.toSorted(),
  );
  const problem = await tracker.call(`/search/${encodeURIComponent("<script>alert(1)</script>")}`);
  expect(problem.headers.get("content-type")).toBe("application/problem+json");
});

test("the documentation lists every route, and stands on its own", async () => {
  const { body } = await tracker.call("/openapi.json");
  expect(body.openapi).toBe("3.1.0");
  const described = Object.entries(body.paths as Record<string, object>).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const served = tracker.app.routes
    .filter(
      ({ method, path }) =>
        method !== "ALL" &&
        /^\/(api\/v1\/(peers|files|stats|events)|register|search|logout|healthz|readyz|metrics)/.test(path),
    )
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
  expect(described.toSorted()).toEqual([...new Set(served)].toSorted());
  const registration = body.paths["/api/v1/peers"].post.requestBody.content["application/json"].schema;
  expect(Object.keys(registration.properties)).toContain("acceptsUploads");
  const docs = await tracker.call("/docs");
  expect(docs.status).toBe(200);
  expect(docs.body).toContain("/api/v1/peers/{peerId}/heartbeat");
  // Its own script, and nothing else.
  const rest = (docs.body as string).replace('<script src="/docs/try.js" type="module"></script>', "");
  expect(rest).not.toMatch(/<script|https?:\/\//);
});

test("health: the process runs; ready: the database answers", async () => {
  expect(await tracker.call("/healthz")).toMatchObject({ status: 200, body: "ok\n" });
  expect((await tracker.call("/readyz")).status).toBe(200);
  tracker.store.ping = () => Promise.reject(new Error("disk on fire"));
  expect((await tracker.call("/readyz")).status).toBe(503);
  expect((await tracker.call("/healthz")).status).toBe(200);
});
