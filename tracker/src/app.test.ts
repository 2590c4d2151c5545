import {
  fileDetailsSchema,
  filesPageSchema,
  heartbeatResponseSchema,
  peerFilesPageSchema,
  peerSchema,
  peersPageSchema,
  problemSchema,
  registerResponseSchema,
  shortRegisterResponseSchema,
  shortSearchResponseSchema,
  statsSchema,
} from "@panal/sdk";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sampleFileId } from "./store/testing/store-suite.ts";
import { type Call, type TestTracker, createTestTracker } from "./testing/test-tracker.ts";

const MTIME = "2026-01-02T03:04:05.000Z";
const files = (...paths: string[]) =>
  paths.map((path, n) => ({ path, fileId: sampleFileId(n), mtime: MTIME }));

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.close());

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
  expect((await tracker.call("/api/v1/files")).body).toEqual({ files: [] });
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

describe("bad input is a problem that names the field", () => {
  const file = { path: "a.txt", fileId: sampleFileId(1), mtime: MTIME };
  const PUT = "PUT /api/v1/peers/{me}/files";
  const PATCH = "PATCH /api/v1/peers/{me}/files";
  test.each<[route: string, body: unknown, field: string]>([
    ["POST /api/v1/peers", "", "body"],
    ["POST /api/v1/peers", "{", "body"],
    ["POST /api/v1/peers", "null", "body"],
    ["POST /api/v1/peers", { port: 1 }, "name"],
    ["POST /api/v1/peers", { name: "a" }, "port"],
    ["POST /api/v1/peers", { name: "a\nb", port: 1 }, "name"],
    ["POST /api/v1/peers", { name: "a", port: 0 }, "port"],
    ["POST /api/v1/peers", { name: "a", port: 65_536 }, "port"],
    ["POST /api/v1/peers", { name: "a", port: 1.5 }, "port"],
    ["POST /api/v1/peers", { name: "a", urls: [] }, "urls"],
    ["POST /api/v1/peers", { name: "a", urls: ["http://ok:1", "ftp://x"] }, "urls[1]"],
    ["POST /api/v1/peers", { name: "a", urls: ["http://user:pw@host:1"] }, "urls[0]"],
    ["POST /api/v1/peers", { name: "a", urls: ["http://host:1/?q"] }, "urls[0]"],
    ["POST /api/v1/peers", { name: "a", urls: Array.from({ length: 17 }, () => "http://x:1") }, "urls"],
    [PUT, {}, "files[0].path"],
    [PUT, '"text"', "files"],
    [PUT, [file, { ...file, fileId: "xyz" }], "files[1].fileId"],
    [PUT, [{ ...file, fileId: `${"A".repeat(64)}-1` }], "files[0].fileId"],
    [PUT, [{ ...file, fileId: `${"a".repeat(64)}-9999999999999` }], "files[0].fileId"],
    [PUT, [{ ...file, fileId: `${"a".repeat(64)}--1` }], "files[0].fileId"],
    [PUT, [{ ...file, path: "../etc/passwd" }], "files[0].path"],
    [PUT, [{ ...file, path: "/etc/passwd" }], "files[0].path"],
    [PUT, [{ ...file, path: "a\u0000b" }], "files[0].path"],
    [PUT, [{ ...file, path: "x".repeat(256) }], "files[0].path"],
    [PUT, [{ ...file, mtime: "yesterday" }], "files[0].mtime"],
    [PUT, `${JSON.stringify(file)}\n{oops}\n`, "line 2"],
    [`${PUT}?revision=-1`, [], "revision"],
    [`${PUT}?upload=../x`, [], "upload"],
    [`${PUT}?last=maybe`, [], "last"],
    [PATCH, { baseRevision: 0 }, "revision"],
    [PATCH, { baseRevision: 3, revision: 3 }, "revision"],
    [PATCH, { baseRevision: 0, revision: 1, added: [{ ...file, path: "" }] }, "added[0].path"],
    [PATCH, { baseRevision: 0, revision: 1, removed: ["a", ".."] }, "removed[1]"],
    ["GET /api/v1/files/xyz", undefined, "fileId"],
    ["GET /api/v1/files?limit=0", undefined, "limit"],
    ["GET /api/v1/files?limit=201", undefined, "limit"],
    ["GET /api/v1/files?sort=random", undefined, "sort"],
    ["GET /api/v1/files?kind=secret", undefined, "kind"],
    ["GET /api/v1/files?minSize=-1", undefined, "minSize"],
    ["GET /api/v1/files?maxSize=many", undefined, "maxSize"],
    ["GET /api/v1/files?peer=no%20peer", undefined, "peer"],
    [`GET /api/v1/files?q=${"x".repeat(201)}`, undefined, "q"],
    ["GET /api/v1/peers?limit=x", undefined, "limit"],
    ["POST /register", { port: 1, files: [""] }, "files[0]"],
    ["POST /register", { port: 1, files: ["a", { name: ".." }] }, "files[1].name"],
    ["POST /register", { port: 1, ip: "1.2.3" }, "ip"],
    ["POST /register", { files: [] }, "port"],
    ["POST /logout", "{}", "lease"],
    ["POST /logout", "", "body"],
  ])("%s %j", async (route, body, field) => {
    const { peerId, lease } = await tracker.register(4000);
    const [method = "", path = ""] = route.split(" ");
    const ofPeer = path.includes("{me}");
    const answer = await tracker.call(path.replace("{me}", peerId), {
      method,
      ...(body === undefined ? {} : { body }),
      ...(ofPeer ? { lease } : {}),
    });
    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    const problem = problemSchema.parse(answer.body);
    expect(problem.status).toBe(400);
    expect(problem.errors?.map((error) => error.field)).toContain(field);
    expect(tracker.log).toEqual([]);
  });

  test.each([
    ["a malformed cursor", "/api/v1/files?cursor=%00", 400],
    [
      "a cursor of another list",
      `/api/v1/peers?cursor=${Buffer.from('["size",1,2]').toString("base64url")}`,
      400,
    ],
    ["a size range upside down", "/api/v1/files?minSize=2&maxSize=1", 400],
    ["a file nobody has", `/api/v1/files/${sampleFileId(77)}`, 404],
    ["a peer nobody knows", "/api/v1/peers/nobody-here", 404],
    ["files of a peer nobody knows", "/api/v1/peers/nobody-here/files", 404],
    ["a name nobody has", "/search/nothing", 404],
    ["an unknown path", "/wp-login.php", 404],
    ["an unknown path below the API", "/api/v1/nothing", 404],
    ["an unknown path with dots", "/assets/..%2f..%2fpackage.json", 404],
    ["a broken escape", "/search/%E0%A4%A", 404],
  ])("%s", async (_what, path, status) => {
    const answer = await tracker.call(path);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(problemSchema.parse(answer.body)).toMatchObject({ status, detail: expect.any(String) });
  });

  test.each([
    ["/api/v1/peers", "PUT", "GET, POST"],
    ["/api/v1/files", "POST", "GET"],
    ["/register", "GET", "POST"],
    ["/search/x", "DELETE", "GET"],
    ["/", "POST", "GET"],
  ])("%s: %s is not allowed, and says what is", async (path, method, allow) => {
    const answer = await tracker.call(path, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")?.split(", ").toSorted().join(", ")).toBe(allow);
    expect(answer.body.status).toBe(405);
  });

  test("too large a body is refused by its length, announced or not", async () => {
    const body = JSON.stringify({ name: "a", port: 1, version: "x".repeat(70_000) });
    for (const headers of [{}, { "content-length": String(body.length) }]) {
      expect((await tracker.call("/api/v1/peers", { body, headers })).status).toBe(413);
    }
    const { peerId, lease } = await tracker.register(1);
    const headers = { "content-length": String(33 * 1024 * 1024) };
    const put = await tracker.call(`/api/v1/peers/${peerId}/files`, {
      method: "PUT",
      lease,
      body: "[]",
      headers,
    });
    expect(put.status).toBe(413);
  });

  test("a body without a length is read no further than the limit", async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(16 * 1024).fill(32));
      },
    });
    const response = await tracker.app.request(
      "http://localhost/register",
      { method: "POST", body: endless, duplex: "half" } as RequestInit,
      { remoteAddress: "127.0.0.1" },
    );
    expect(response.status).toBe(413);
    expect(pulled).toBeLessThan(3_000);
  });

  test("a compressed body is refused, a body that isn't UTF-8 too", async () => {
    const gzip = { body: '{"name":"a","port":1}', headers: { "content-encoding": "gzip" } };
    expect((await tracker.call("/api/v1/peers", gzip)).status).toBe(400);
    expect((await tracker.call("/api/v1/peers", { body: new Uint8Array([0x22, 0xff, 0x22]) })).status).toBe(
      400,
    );
  });

  test("our own mistakes are logged and not told", async () => {
    tracker.store.index.stats = () => Promise.reject(new Error("SQL secret"));
    const answer = await tracker.call("/api/v1/stats");
    expect(answer).toMatchObject({ status: 500, body: { title: "Internal error" } });
    expect(JSON.stringify(answer.body)).not.toContain("secret");
    expect(tracker.log.join()).toContain("SQL secret");
  });
});

describe("short forms", () => {
  test("register with curl's Content-Type, search, log out", async () => {
    const registered = await tracker.call("/register", {
      body: JSON.stringify({
        port: 9000,
        files: ["a.txt", { name: "b.txt", size: 3, fileId: sampleFileId(3, 3) }],
      }),
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(registered.status).toBe(201);
    const { peerId, lease, url } = shortRegisterResponseSchema.parse(registered.body);
    expect(url).toBe("http://127.0.0.1:9000");

    const a = await tracker.call("/search/A.TXT");
    expect(shortSearchResponseSchema.parse(a.body)).toEqual({
      filename: "A.TXT",
      peers: [{ peerId, name: "127.0.0.1:9000", ip: "127.0.0.1", port: 9000, url, fileId: null, size: null }],
    });
    const b = await tracker.call("/search/b.txt");
    expect(b.body.peers).toMatchObject([{ peerId, fileId: sampleFileId(3, 3), size: 3 }]);
    const found = (await tracker.call("/api/v1/files?q=txt")).body.files as { path: string }[];
    expect(found.map((file) => file.path)).toEqual(["b.txt"]);

    expect((await tracker.call("/logout", { method: "POST", lease })).status).toBe(204);
    expect((await tracker.call("/search/a.txt")).status).toBe(404);
    expect((await tracker.call("/logout", { method: "POST", lease })).status).toBe(401);
  });

  test("a page that closes logs out with the lease in a text body", async () => {
    const { body } = await tracker.call("/register", { body: { port: 1, files: ["x"] } });
    const call = {
      body: JSON.stringify({ lease: body.lease }),
      headers: { "content-type": "text/plain;charset=UTF-8" },
    };
    expect((await tracker.call("/logout", call)).status).toBe(204);
    expect((await tracker.call("/search/x")).status).toBe(404);
  });

  test("they live by heartbeats like all others, and renew with their lease", async () => {
    const first = await tracker.call("/register", { body: { port: 1, files: ["x"] } });
    expect((await tracker.call("/register", { body: { port: 1, files: ["x"] } })).status).toBe(409);
    const { lease, peerId } = first.body;
    const again = await tracker.call("/register", { body: { port: 1, files: ["y"] }, lease });
    expect(again).toMatchObject({ status: 201, body: { peerId, lease } });
    expect((await tracker.call("/search/x")).status).toBe(404);
    expect((await tracker.call("/search/y")).status).toBe(200);
    await tracker.pass(25_001);
    expect((await tracker.call("/search/y")).status).toBe(404);
  });

  test.each([
    ["10.0.0.1", "10.0.0.1", 201],
    ["10.0.0.1", "10.0.0.2", 403],
    ["10.0.0.1", "127.0.0.1", 403],
    ["127.0.0.1", "10.0.0.2", 201],
    ["::ffff:10.0.0.1", "10.0.0.1", 201],
    ["fd00::1", "fd00:0::1", 201],
  ])("from %s, ip %s: %i", async (from, ip, status) => {
    expect((await tracker.call("/register", { body: { ip, port: 1 }, from })).status).toBe(status);
  });
});

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
      { url: "http://10.0.0.1:7071", route: "direct" },
    ]);
  });

  test("a forwarded header makes the caller remote, unless a trusted proxy sets it", async () => {
    const headers = { "x-forwarded-for": "10.9.9.9, 10.0.0.1" };
    const register = { body: { name: "a", port: 1 }, headers };
    expect((await tracker.call("/api/v1/peers", register)).status).toBe(400);
    const behind = createTestTracker({ trustedProxies: ["127.0.0.1"] });
    const { body } = await behind.call("/api/v1/peers", register);
    expect((await behind.call(`/api/v1/peers/${body.peerId}`)).body.endpoints).toEqual([
      { url: "http://10.0.0.1:1", route: "direct" },
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
        /^\/(api\/v1\/(peers|files|stats|events)|register|search|logout|healthz|readyz)/.test(path),
    )
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
  expect(described.toSorted()).toEqual([...new Set(served)].toSorted());
  const registration = body.paths["/api/v1/peers"].post.requestBody.content["application/json"].schema;
  expect(Object.keys(registration.properties)).toContain("acceptsUploads");
  const docs = await tracker.call("/docs");
  expect(docs.status).toBe(200);
  expect(docs.body).toContain("/api/v1/peers/{peerId}/heartbeat");
  expect(docs.body).not.toMatch(/<script|https?:\/\//);
});

test("health: the process runs; ready: the database answers", async () => {
  expect(await tracker.call("/healthz")).toMatchObject({ status: 200, body: "ok\n" });
  expect((await tracker.call("/readyz")).status).toBe(200);
  tracker.store.ping = () => Promise.reject(new Error("disk on fire"));
  expect((await tracker.call("/readyz")).status).toBe(503);
  expect((await tracker.call("/healthz")).status).toBe(200);
});
