import { type Manifest, PanalError, manifestOf, torrentOf } from "@panal/sdk";
import { nodeHashBlocks } from "@panal/sdk/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type TestTracker, createTestTracker } from "../testing/test-tracker.ts";

const LENGTH = 2 * 1024 * 1024 + 1;

let manifest: Manifest;
let tracker: TestTracker;
/** The peers' URLs that were called. */
let called: string[];
let isAnswering: boolean;
beforeEach(async () => {
  manifest = await manifestOf([new Uint8Array(LENGTH)], LENGTH, nodeHashBlocks);
  called = [];
  isAnswering = true;
  tracker = createTestTracker({
    createSource: ({ endpoints }) => ({
      async manifest() {
        called.push(...endpoints.map(({ url }) => url));
        if (!isAnswering) throw new PanalError("unreachable", "no");
        return manifest;
      },
    }),
  });
});
afterEach(() => tracker.close());

async function share(options: { urls: string[]; from: string; path?: string }) {
  const { urls, from, path = "films/Bees of “winter”.webm" } = options;
  const registered = await tracker.call("/api/v1/peers", { body: { name: "Bee", urls }, from });
  const { peerId, lease } = registered.body as { peerId: string; lease: string };
  const files = [{ path, fileId: manifest.fileId, mtime: "2026-01-01T00:00:00Z" }];
  const listed = await tracker.call(`/api/v1/peers/${peerId}/files`, { method: "PUT", lease, body: files });
  expect(listed.status).toBe(200);
}

async function torrentFor(from: string, query = "") {
  const { fileId } = manifest;
  const bindings = { remoteAddress: from };
  const url = `http://localhost:7070/api/v1/files/${fileId}/torrent${query}`;
  const response = await tracker.app.request(url, {}, bindings);
  return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
}

const seedOf = (url: string) => `${url}/files/${manifest.fileId}/`;

test("a torrent has every endpoint of every live peer, as the caller may see them, as a web seed", async () => {
  await share({ urls: ["http://127.0.0.1:1", "http://10.0.0.7:1"], from: "127.0.0.1" });
  await share({ urls: ["http://10.0.0.8:1"], from: "10.0.0.8" });
  const expected = (...urls: string[]) =>
    torrentOf(manifest, { name: "Bees of “winter”.webm", webSeeds: urls.map(seedOf) }).bytes;
  const local = await torrentFor("127.0.0.1");
  expect(local.response.status).toBe(200);
  expect(local.bytes).toEqual(expected("http://127.0.0.1:1", "http://10.0.0.7:1", "http://10.0.0.8:1"));
  expect((await torrentFor("10.0.0.9")).bytes).toEqual(expected("http://10.0.0.7:1", "http://10.0.0.8:1"));
  const { headers } = local.response;
  expect(headers.get("content-type")).toBe("application/x-bittorrent");
  expect(headers.get("content-disposition")).toBe(
    `attachment; filename="Bees of _winter_.webm.torrent"; filename*=UTF-8''Bees%20of%20%E2%80%9Cwinter%E2%80%9D.webm.torrent`,
  );
});

test("?name= decides what the file is called, made safe", async () => {
  await share({ urls: ["http://10.0.0.8:1"], from: "10.0.0.8" });
  const { bytes, response } = await torrentFor("10.0.0.9", "?name=..%2F..%2Fx%22%0A.bin");
  const { name, bytes: expected } = torrentOf(manifest, {
    name: '../../x"\n.bin',
    webSeeds: [seedOf("http://10.0.0.8:1")],
  });
  expect(name).not.toMatch(/[/\n]/);
  expect(bytes).toEqual(expected);
  expect(response.headers.get("content-disposition")).not.toMatch(/[\n/]/);
  expect((await torrentFor("10.0.0.9", "?name=")).response.status).toBe(400);
});

test("peers are called only where they registered from", async () => {
  await share({ urls: ["http://10.0.0.7:1", "http://10.0.0.8:1", "http://h.example"], from: "10.0.0.8" });
  await torrentFor("10.0.0.9");
  expect(called).toEqual(["http://10.0.0.8:1"]);
});

test("when none may be called, or none answers, it says so", async () => {
  await share({ urls: ["http://10.0.0.7:1"], from: "10.0.0.8" });
  const unseen = await torrentFor("10.0.0.9");
  expect(unseen.response.status).toBe(503);
  expect(called).toEqual([]);
  await share({ urls: ["http://10.0.0.8:1"], from: "10.0.0.8" });
  isAnswering = false;
  const { response, bytes } = await torrentFor("10.0.0.9");
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("30");
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(JSON.parse(new TextDecoder().decode(bytes))).toMatchObject({
    detail: expect.stringContaining(manifest.fileId),
  });
  expect(called).toEqual(["http://10.0.0.8:1"]);
  isAnswering = true;
  expect((await torrentFor("10.0.0.9")).response.status).toBe(200);
});

test("what nobody has isn't found", async () => {
  expect((await torrentFor("127.0.0.1")).response.status).toBe(404);
  expect((await tracker.call("/api/v1/files/x/torrent")).status).toBe(400);
});
