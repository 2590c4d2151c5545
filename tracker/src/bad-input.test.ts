import { problemSchema } from "@panal/sdk";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sampleFileId } from "./store/testing/sample-entries.ts";
import { type TestTracker, createTestTracker } from "./testing/test-tracker.ts";

const MTIME = "2026-01-02T03:04:05.000Z";
let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.close());

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
    ["POST /register", { port: 1, files: ["a", { name: "b", fileId: "no" }] }, "files[1].fileId"],
    ["POST /register", { port: 1, ip: "1.2.3" }, "ip"],
    ["POST /register", { files: [] }, "port"],
    ["POST /logout", "{}", "lease"],
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
    expect(put).toMatchObject({
      status: 413,
      body: {
        type: "urn:panal:problem:too-large",
        errors: [{ field: "body", message: expect.stringContaining("33554432 bytes") }],
      },
    });
  });

  describe("what is too long or too much is refused, saying how much is taken", () => {
    const file = { path: "a.txt", fileId: sampleFileId(1), mtime: MTIME };
    const url = "http://x:1";
    test.each<[method: string, path: string, body: unknown, field: string, limit: string]>([
      ["POST", "/api/v1/peers", { name: "x".repeat(65), port: 1 }, "name", "64"],
      ["POST", "/api/v1/peers", { name: "x", port: 1, version: "x".repeat(65) }, "version", "64"],
      ["POST", "/api/v1/peers", { name: "x", urls: [`${url}/${"x".repeat(512)}`] }, "urls[0]", "512"],
      ["POST", "/api/v1/peers", { name: "x", urls: Array.from({ length: 17 }, () => url) }, "urls", "16"],
      ["POST", "/api/v1/peers", { name: "x", port: 1, nonce: "x".repeat(129) }, "nonce", "128"],
      ["POST", "/register", { port: 1, files: ["x".repeat(256)] }, "files[0]", "255"],
      ["PUT", "/api/v1/peers/{me}/files", Array.from({ length: 50_001 }, () => file), "files", "50000"],
      ["PUT", "/api/v1/peers/{me}/files", [{ ...file, path: "x".repeat(256) }], "files[0].path", "255"],
      ["GET", `/api/v1/files?q=${"x".repeat(201)}`, undefined, "q", "200"],
      ["GET", "/api/v1/files?limit=201", undefined, "limit", "200"],
      ["GET", `/search/${"x".repeat(256)}`, undefined, "filename", "255"],
    ])("%s %s: %#", async (method, path, body, field, limit) => {
      const { peerId, lease } = await tracker.register(1);
      const answer = await tracker.call(path.replace("{me}", peerId), { method, body, lease });
      expect(answer).toMatchObject({
        status: 400,
        body: { errors: [{ field, message: expect.stringContaining(limit) }] },
      });
    });
  });

  describe("more files than one peer may announce are refused, saying how many those are", () => {
    const files = Array.from({ length: 6 }, (_, n) => ({
      path: `${n}`,
      fileId: sampleFileId(n),
      mtime: MTIME,
    }));
    const refusal = (field: string) => ({
      status: 413,
      body: { errors: [{ field, message: expect.stringMatching(/at most 5 files .*--max-files-per-peer/) }] },
    });
    let me: { peerId: string; lease: string };
    beforeEach(async () => {
      tracker = createTestTracker({ maxFilesPerPeer: 5 });
      me = await tracker.register(1);
    });
    const send = (method: string, body: unknown, query = "") =>
      tracker.call(`/api/v1/peers/${me.peerId}/files${query}`, { method, lease: me.lease, body });
    const count = async () => (await tracker.call(`/api/v1/peers/${me.peerId}`)).body.fileCount;

    test("in a list", async () => {
      expect(await send("PUT", files)).toMatchObject(refusal("files"));
      expect((await send("PUT", files.slice(1))).status).toBe(200);
      expect(await count()).toBe(5);
    });

    test("in parts, of which none is kept", async () => {
      expect((await send("PUT", files.slice(0, 4), "?upload=u")).status).toBe(200);
      expect(await send("PUT", files.slice(4), "?upload=u")).toMatchObject(refusal("files"));
      expect((await send("PUT", files.slice(0, 1), "?upload=u&last=true")).status).toBe(200);
      expect(await count()).toBe(1);
    });

    test("in a change", async () => {
      await send("PUT", files.slice(0, 4), "?revision=1");
      const change = (added: unknown[], removed: string[]) =>
        send("PATCH", { baseRevision: 1, revision: 2, added, removed });
      expect(await change(files.slice(4), [])).toMatchObject(refusal("added"));
      expect((await change(files.slice(4), ["0"])).status).toBe(200);
      expect(await count()).toBe(5);
    });

    test("in the short form", async () => {
      const body = { port: 2, files: files.map(({ path }) => path) };
      expect(await tracker.call("/register", { body })).toMatchObject(refusal("files"));
    });
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

test.each([
  ["/api/v1/files?cursor=nonsense&sort=name", "cursor", "nonsense"],
  ["/api/v1/files?cursor=nonsense&q=a", "cursor", "nonsense"],
  ["/api/v1/peers?cursor=nonsense", "cursor", "nonsense"],
  ["/api/v1/files?minSize=2&maxSize=1", "minSize", 2],
])("%s: the answer says what the field had", async (path, field, value) => {
  const { status, body } = await tracker.call(path);
  expect(status).toBe(400);
  expect(body.errors).toEqual([{ field, message: expect.any(String) as string, value }]);
});
