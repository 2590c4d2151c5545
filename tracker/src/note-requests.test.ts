import { afterEach, beforeEach, expect, test } from "vitest";
import { type TestTracker, createTestTracker } from "./testing/test-tracker.ts";

let tracker: TestTracker;
afterEach(() => tracker.close());
beforeEach(() => {
  tracker = createTestTracker({ logLevel: "debug" });
});

interface Line {
  level: string;
  message: string;
  id?: string;
  path?: string;
  status?: number;
}

function lines(message = "request"): Line[] {
  return tracker.log.map((line) => JSON.parse(line) as Line).filter((line) => line.message === message);
}

test("each request has a line, with the id its answer has", async () => {
  const first = await tracker.call("/api/v1/stats", { from: "10.0.0.1" });
  const second = await tracker.call("/nothing/here", { method: "PUT" });
  expect(lines()).toEqual([
    {
      level: "info",
      time: "2026-01-01T00:00:00.000Z",
      id: first.headers.get("x-request-id"),
      method: "GET",
      path: "/api/v1/stats",
      status: 200,
      ms: expect.any(Number),
      from: "10.0.0.1",
      message: "request",
    },
    expect.objectContaining({ id: second.headers.get("x-request-id"), method: "PUT", status: 404 }),
  ]);
  expect(lines()[0]!.id).not.toBe(lines()[1]!.id);
});

test("a request that was refused before anything else has a line, too", async () => {
  await tracker.call("/api/v1/stats", { headers: { host: "evil.example" }, from: "10.0.0.9" });
  expect(lines()).toMatchObject([{ status: 421, from: "10.0.0.9" }]);
});

test("machines that ask again and again are heard of only when something is wrong", async () => {
  const { peerId, lease } = await tracker.register(1);
  for (const path of [`/api/v1/peers/${peerId}/heartbeat`, "/api/v1/peers/nobody/heartbeat"]) {
    await tracker.call(path, { method: "POST", lease });
  }
  await tracker.call("/healthz");
  expect(lines().map(({ level, status }) => [level, status])).toEqual([
    ["info", 201],
    ["debug", 200],
    ["info", 404],
    ["debug", 200],
  ]);
});

test("an error of ours has the id of its request", async () => {
  tracker.store.index.stats = () => Promise.reject(new Error("boom"));
  const { headers } = await tracker.call("/api/v1/stats");
  expect(lines("request failed")).toMatchObject([
    { level: "error", id: headers.get("x-request-id"), error: { message: "boom" } },
  ]);
});

test("peers that come and go are told of", async () => {
  const { peerId, lease } = await tracker.register(1, { name: "Ana" });
  await tracker.call(`/api/v1/peers/${peerId}`, { method: "DELETE", lease });
  await tracker.register(2, { name: "Ben" });
  await tracker.pass(60_000);
  expect(lines("peer-joined")).toMatchObject([{ peerId, name: "Ana" }, { name: "Ben" }]);
  expect(lines("peer-left")).toMatchObject([{ peerId, name: "Ana" }, { name: "Ben" }]);
});

test("neither leases nor what people look for are in the log, not even of what fails", async () => {
  const { peerId, lease } = await tracker.register(1);
  await tracker.call(`/api/v1/peers/${peerId}/files`, { method: "PUT", lease, body: [] });
  await tracker.call("/api/v1/files?q=my+illness");
  await tracker.call("/api/v1/peers/nobody/heartbeat", { method: "POST", lease });
  tracker.store.lists.patch = () => Promise.reject(new Error("boom"));
  const patch = { baseRevision: 1, revision: 2, added: [], removed: [] };
  await tracker.call(`/api/v1/peers/${peerId}/files`, { method: "PATCH", lease, body: patch });
  await tracker.call("/logout", { body: { lease } });
  expect(lines("request failed").length).toBe(1);
  expect(lines().length).toBe(6);
  const text = tracker.log.join("\n");
  expect(text).not.toContain(lease);
  expect(text).not.toMatch(/Bearer|authorization|illness/i);
});

test("a path is in one line, cut and harmless, whatever is in it", async () => {
  await tracker.call(`/%1b%5b2J%0d%0a{"level":"error"}\u202e${"x".repeat(5_000)}`);
  expect(tracker.log.length).toBe(1);
  expect(tracker.log[0]!.length).toBeLessThan(1_000);
  expect(lines()[0]!.path).toMatch(/^\/\ufffd\[2J\ufffd\ufffd\{"level":"error"\}\ufffdx+\.\.\.$/);
});
