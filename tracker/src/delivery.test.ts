import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sampleFileId } from "./store/testing/sample-entries.ts";
import { type TestTracker, createTestTracker } from "./testing/test-tracker.ts";

let tracker: TestTracker;
let peerId: string;
let lease: string;
beforeEach(async () => {
  tracker = createTestTracker();
  ({ peerId, lease } = await tracker.register(4000));
  await announce(1, 60);
});
afterEach(() => tracker.close());

async function announce(revision: number, count: number): Promise<void> {
  const body = Array.from({ length: count }, (_, n) => ({
    path: `folder/file ${n}.txt`,
    fileId: sampleFileId(n),
    mtime: "2026-01-02T03:04:05.000Z",
  }));
  const path = `/api/v1/peers/${peerId}/files?revision=${revision}`;
  expect((await tracker.call(path, { method: "PUT", lease, body })).status).toBe(200);
}

const request = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  tracker.app.request(`http://localhost:7070${path}`, { method, headers }, { remoteAddress: "127.0.0.1" });

describe("ETag", () => {
  test.each(["/api/v1/peers", "/api/v1/files?q=file", "/api/v1/peers/{peer}/files", "/api/v1/stats"])(
    "%s: 304 as long as nothing changes, the new list afterwards",
    async (list) => {
      const path = list.replace("{peer}", peerId);
      const first = await request(path);
      const etag = first.headers.get("etag")!;
      expect(etag).toMatch(/^W\/"[\w-]+"$/);
      expect(first.headers.get("cache-control")).toBe("private, no-cache");

      const again = await request(path, { "if-none-match": `"other", ${etag}` });
      expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", etag]);
      expect(again.headers.get("content-type")).toBeNull();
      expect(again.headers.get("vary")).toMatch(/origin/);
      expect((await request(path, { "if-none-match": etag.slice(2) })).status).toBe(304);
      expect((await request(path, { "if-none-match": '"other"' })).status).toBe(200);

      await announce(2, 40);
      await tracker.register(4001);
      expect((await request(path, { "if-none-match": etag })).status).toBe(200);
    },
  );

  test("a peer that vanishes in silence makes the list another", async () => {
    const etag = (await request("/api/v1/files")).headers.get("etag")!;
    await tracker.pass(60_000);
    const later = await request("/api/v1/files", { "if-none-match": etag });
    const kinds = { video: 0, audio: 0, image: 0, document: 0, archive: 0, other: 0 };
    expect([later.status, await later.json()]).toEqual([200, { files: [], kinds }]);
  });

  test("the columns of a list are another thing than its JSON; problems have no tag", async () => {
    const etag = (await request("/api/v1/files")).headers.get("etag")!;
    const text = await request("/api/v1/files", { "if-none-match": etag, accept: "text/plain" });
    expect(text.status).toBe(200);
    expect(text.headers.get("vary")).toMatch(/accept\b/);
    expect((await request("/api/v1/peers/nobody-here")).headers.get("etag")).toBeNull();
  });
});

describe("gzip", () => {
  test.each([
    ["gzip", true],
    ["br, GZIP;q=0.5", true],
    ["*", true],
    ["gzip;q=0", false],
    ["gzip;q=0, *", false],
    ["br", false],
    ["", false],
  ])("Accept-Encoding %j: %s", async (encoding, isZipped) => {
    const answer = await request("/api/v1/files", { "accept-encoding": encoding });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    expect(answer.headers.get("content-encoding")).toBe(isZipped ? "gzip" : null);
    expect(answer.headers.get("vary")).toMatch(/accept-encoding/);
    const text = isZipped ? gunzipSync(bytes).toString() : new TextDecoder().decode(bytes);
    expect(JSON.parse(text).files).toHaveLength(50);
    const plain = await request("/api/v1/files");
    expect(answer.headers.get("etag")).toBe(plain.headers.get("etag"));
    if (isZipped) expect(bytes.length).toBeLessThan((await plain.arrayBuffer()).byteLength / 2);
  });

  test("small answers, answers to changes and events go out as they are", async () => {
    const headers = { "accept-encoding": "gzip" };
    expect((await request("/api/v1/stats", headers)).headers.get("content-encoding")).toBeNull();
    const lines = JSON.stringify({ port: 1, files: Array.from({ length: 200 }, (_, n) => ({ name: n })) });
    const refused = await tracker.call("/register", { body: lines, headers });
    expect([refused.status, refused.headers.get("content-encoding")]).toEqual([400, null]);

    const events = await request("/api/v1/events", headers);
    expect(events.headers.get("content-type")).toMatch(/^text\/event-stream/);
    expect(events.headers.get("content-encoding")).toBeNull();
    expect(events.headers.get("etag")).toBeNull();
    await events.body!.cancel();
  });
});
