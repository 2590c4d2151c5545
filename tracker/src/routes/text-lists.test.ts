import { afterEach, beforeEach, expect, test } from "vitest";
import { sampleFileId } from "../store/testing/sample-entries.ts";
import { type TestTracker, createTestTracker } from "../testing/test-tracker.ts";

const HOSTILE = "a\n\u001b[31mb\u202e\u0085c.txt";

let tracker: TestTracker;
let peerId: string;
beforeEach(async () => {
  tracker = createTestTracker();
  const peer = await tracker.register(4000, { name: "Ana \u202egnp" });
  peerId = peer.peerId;
  const body = ["plain.txt", HOSTILE].map((path, n) => ({
    path,
    fileId: sampleFileId(n),
    mtime: "2026-01-02T03:04:05.000Z",
  }));
  const path = `/api/v1/peers/${peerId}/files`;
  expect((await tracker.call(path, { method: "PUT", lease: peer.lease, body })).status).toBe(200);
});
afterEach(() => tracker.close());

const columns = (path: string, accept = "text/plain") =>
  tracker.call(path.replace("{peer}", peerId), { headers: { accept } });

test.each([
  ["/api/v1/peers", ["PEER", "FILES", "BYTES", "REACHABLE", "ID", "ADDRESSES"], 1],
  ["/api/v1/files?sort=name", ["PATH", "BYTES", "PEERS", "CHANGED", "FILE ID"], 2],
  ["/api/v1/peers/{peer}/files", ["PATH", "BYTES", "CHANGED", "FILE ID"], 2],
])("%s as columns: a line for each row, whatever it is called", async (path, titles, rowCount) => {
  const { status, headers, body } = await columns(path);
  expect(status).toBe(200);
  expect(headers.get("content-type")).toMatch(/^text\/plain; *charset=utf-8$/i);
  const lines = (body as string).split("\n");
  expect(lines[0]?.split(/ {2,}/)).toEqual(titles);
  expect(lines).toHaveLength(rowCount + 2);
  expect(lines.at(-1)).toBe("");
  // oxlint-disable-next-line no-control-regex -- they are what must not be there
  expect(lines.join("")).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
});

test("the columns stand under their titles", async () => {
  const [head = "", ...rows] = (await columns("/api/v1/files?sort=name")).body.trimEnd().split("\n");
  for (const row of rows as string[]) {
    expect(row.slice(head.indexOf("FILE ID"))).toMatch(/^[0-9a-f]{64}-\d+$/);
    expect(row.slice(head.indexOf("CHANGED"))).toMatch(/^2026-01-02T03:04:05.000Z {2}/);
    expect(row.slice(0, head.indexOf("BYTES") + 5)).toMatch(/ 100\d$/);
  }
});

test("the last line of a page says how to get the next", async () => {
  const first = (await columns("/api/v1/files?sort=name&limit=1")).body as string;
  const cursor = /\nmore: cursor=(\S+)\n$/.exec(first)?.[1];
  const second = (await columns(`/api/v1/files?sort=name&limit=1&cursor=${cursor}`)).body as string;
  expect(second).not.toMatch(/more:/);
  expect(second.split("\n")[1]).not.toBe(first.split("\n")[1]);
});

test("the last lines say what was put right, and that there is more than was looked at", async () => {
  expect((await columns("/api/v1/files?q=plian")).body).toMatch(
    /\n\nnothing matches; shown is what matches: plain\n$/,
  );
  const { peerId: id, lease } = await tracker.register(4001);
  const body = Array.from({ length: 2_100 }, (_, n) => ({
    path: `winter ${n}`,
    fileId: sampleFileId(n + 10),
    mtime: "2026-01-02T03:04:05.000Z",
  }));
  await tracker.call(`/api/v1/peers/${id}/files`, { method: "PUT", lease, body });
  const text = (await columns("/api/v1/files?q=winter&limit=1")).body as string;
  expect(text).toMatch(/\n\nthere is more than was looked at; add words to find it\nmore: cursor=\S+\n$/);
});

test.each([
  ["*/*"],
  ["application/json"],
  ["application/json, text/plain, */*"],
  ["text/html,application/xhtml+xml,*/*;q=0.8"],
  ["text/plain;q=0.5, application/json"],
  ["text/plain;q=0"],
  [""],
])("Accept %j gets JSON", async (accept) => {
  expect((await columns("/api/v1/peers", accept)).headers.get("content-type")).toMatch(/^application\/json/);
});
