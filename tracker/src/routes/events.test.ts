import { afterEach, beforeEach, expect, test } from "vitest";
import { sampleFileId } from "../store/testing/sample-entries.ts";
import { ALIVE_MS, type TestTracker, createTestTracker } from "../testing/test-tracker.ts";

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.close());

async function watch(from: string, { query = "", headers = {} } = {}) {
  const response = await tracker.app.request(
    `http://localhost/api/v1/events${query}`,
    { headers },
    { remoteAddress: from },
  );
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    /** Reads on until the stream has shown this. */
    async until(part: string): Promise<string> {
      while (!text.includes(part)) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`ended without ${part}: ${text}`);
        text += value;
      }
      return text;
    },
    cancel: () => reader.cancel(),
  };
}

test("events tell of peers that come, change and go", async () => {
  const watcher = await watch("10.0.0.9");
  await watcher.until(": hello");
  // Only this machine may know of the first one.
  await tracker.register(1, { from: "127.0.0.1", name: "Hidden" });
  const { peerId, lease } = await tracker.register(2, {
    from: "10.0.0.1",
    name: "Seen\nby none".replace("\n", " "),
  });
  await tracker.call(`/api/v1/peers/${peerId}/files`, { method: "PUT", lease, body: [] });
  await tracker.call(`/api/v1/peers/${peerId}`, { method: "DELETE", lease });
  const text = await watcher.until("event: peer-left");
  expect(text).toContain("event: peer-joined");
  expect(text).toContain(`"fileCount":0`);
  expect(text).not.toContain("Hidden");
  await watcher.cancel();
});

test("HEAD has the stream's headers, and no stream that nobody would end", async () => {
  const head = await tracker.call("/api/v1/events", { method: "HEAD" });
  expect(head).toMatchObject({ status: 200, body: "" });
  expect(head.headers.get("content-type")).toMatch(/^text\/event-stream/);
});

test("events are answered as they are: nothing gathers, compresses or keeps them", async () => {
  const { headers } = await tracker.call("/api/v1/events", {
    method: "HEAD",
    headers: { "accept-encoding": "gzip" },
  });
  expect(headers.get("cache-control")).toBe("no-cache, no-transform");
  expect(headers.get("x-accel-buffering")).toBe("no");
  expect(headers.get("content-encoding")).toBeNull();
});

test("a client that names an event of another run is told to look anew", async () => {
  const watcher = await watch("10.0.0.9", { headers: { "last-event-id": "another-run.7" } });
  expect(await watcher.until(": hello")).toContain("event: resync\ndata: {}");
  await watcher.cancel();
});

test("events of one file are of the peers that have it, sleeping ones included", async () => {
  const fileId = sampleFileId(1);
  const file = { path: "a.txt", fileId, mtime: "2026-01-01T00:00:00.000Z" };
  const [ana, berta] = [await tracker.register(1), await tracker.register(2)];
  await tracker.call(`/api/v1/peers/${ana.peerId}/files`, { method: "PUT", lease: ana.lease, body: [file] });
  await tracker.pass(ALIVE_MS + 1);
  const watcher = await watch("127.0.0.1", { query: `?fileId=${fileId}` });
  await watcher.until(": hello");
  for (const { peerId, lease } of [berta, ana])
    await tracker.call(`/api/v1/peers/${peerId}/heartbeat`, { method: "POST", lease });
  expect(await watcher.until("peer-joined")).not.toContain(berta.peerId);
  const patch = { baseRevision: 0, revision: 1, added: [file], removed: ["old.txt"] };
  await tracker.call(`/api/v1/peers/${berta.peerId}/files`, {
    method: "PATCH",
    lease: berta.lease,
    body: patch,
  });
  const text = await watcher.until("files-changed");
  expect(text).toContain(`"added":[{"path":"a.txt","fileId":"${fileId}"}],"removed":["old.txt"]`);
  await watcher.cancel();
});

test("a peer that hides from the network goes for the network, and stays for the tracker's machine", async () => {
  const { lease } = await tracker.register(1, { from: "192.168.1.5" });
  const [remote, local] = [await watch("10.0.0.9"), await watch("127.0.0.1")];
  for (const watcher of [remote, local]) await watcher.until(": hello");
  await tracker.call("/api/v1/peers", { body: { name: "hidden", urls: ["http://127.0.0.1:1"] }, lease });
  expect(await remote.until("peer-left")).not.toContain("hidden");
  await local.until("hidden");
  await tracker.call("/api/v1/peers", { body: { name: "renamed", urls: ["http://127.0.0.1:1"] }, lease });
  expect(await local.until("renamed")).toMatch(/peer-left[^]*peer-joined[^]*peer-changed/);
  await Promise.all([remote.cancel(), local.cancel()]);
});

test.each(["?fileId=abc", `?q=${"x".repeat(201)}`, "?q=kind:movie"])(
  "a filter that can't be is refused: %s",
  async (query) => {
    const answer = await tracker.call(`/api/v1/events${query}`);
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].field).toBe(query.slice(1, query.indexOf("=")));
  },
);
