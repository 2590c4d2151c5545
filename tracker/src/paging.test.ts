import { afterEach, beforeEach, expect, test } from "vitest";
import { sampleFileId } from "./store/testing/sample-entries.ts";
import { type TestTracker, createTestTracker } from "./testing/test-tracker.ts";

const PEERS = 12;

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.close());

/** Walks a list page by page; between two pages something happens. */
async function walk<T>(
  path: string,
  { rowsOf, between }: { rowsOf(body: Record<string, unknown>): T[]; between(page: number): Promise<void> },
): Promise<T[]> {
  const rows: T[] = [];
  let cursor = "";
  for (let page = 0; ; page++) {
    const sign = path.includes("?") ? "&" : "?";
    const { status, body } = await tracker.call(
      `${path}${sign}limit=3${cursor === "" ? "" : `&cursor=${cursor}`}`,
    );
    expect(status).toBe(200);
    rows.push(...rowsOf(body as Record<string, unknown>));
    if (body.nextCursor === undefined) return rows;
    cursor = body.nextCursor as string;
    await between(page);
  }
}

test("peers that come, go and beat between pages make no other peer appear twice or not at all", async () => {
  const peers: { peerId: string; lease: string }[] = [];
  for (let n = 0; n < PEERS; n++) peers.push(await tracker.register(4000 + n));
  const seen = await walk("/api/v1/peers", {
    rowsOf: (body) => (body["peers"] as { peerId: string }[]).map(({ peerId }) => peerId),
    async between(page) {
      // One behind the reader and one before it go, one comes.
      for (const { peerId, lease } of [peers[page]!, peers[PEERS - 1 - page]!]) {
        expect((await tracker.call(`/api/v1/peers/${peerId}`, { method: "DELETE", lease })).status).toBe(204);
      }
      await tracker.register(5000 + page);
    },
  });
  expect(new Set(seen).size).toBe(seen.length);
  const { body } = await tracker.call("/api/v1/peers?limit=200");
  const there = (body.peers as { peerId: string }[]).map(({ peerId }) => peerId);
  const stayed = peers.map(({ peerId }) => peerId).filter((peerId) => there.includes(peerId));
  expect(stayed.length).toBeGreaterThan(3);
  expect(seen).toEqual(expect.arrayContaining(stayed));
});

test.each([
  ["/api/v1/files?sort=name"],
  ["/api/v1/files?sort=size"],
  ["/api/v1/files?sort=-size"],
  ["/api/v1/files?q=song&sort=name"],
  ["/api/v1/files?q=song"],
  ["/api/v1/peers/{peer}/files"],
])("%s: files that come and go between pages make no other appear twice or not at all", async (list) => {
  const { peerId, lease } = await tracker.register(4000);
  const entry = (n: number) => ({
    path: `song ${String(n).padStart(3, "0")}.mp3`,
    fileId: sampleFileId(n),
    mtime: "2026-01-02T03:04:05.000Z",
  });
  const path = `/api/v1/peers/${peerId}/files`;
  const even = Array.from({ length: 20 }, (_, n) => entry(n * 2));
  expect((await tracker.call(`${path}?revision=1`, { method: "PUT", lease, body: even })).status).toBe(200);

  const gone = new Set<string>();
  const seen = await walk(list.replace("{peer}", peerId), {
    rowsOf: (body) => (body["files"] as { fileId: string }[]).map(({ fileId }) => fileId),
    async between(page) {
      if (page > 4) return;
      const leaving = [even[page]!, even[19 - page]!];
      for (const { fileId } of leaving) gone.add(fileId);
      const change = {
        baseRevision: page + 1,
        revision: page + 2,
        // Odd ones come in behind the reader and before it.
        added: [entry(page * 2 + 1), entry(39 - page * 2)],
        removed: leaving.map(({ path }) => path),
      };
      expect((await tracker.call(path, { method: "PATCH", lease, body: change })).status).toBe(200);
    },
  });
  expect(new Set(seen).size).toBe(seen.length);
  const stayed = even.map(({ fileId }) => fileId).filter((fileId) => !gone.has(fileId));
  expect(stayed).toHaveLength(10);
  expect(seen).toEqual(expect.arrayContaining(stayed));
});

test.each(["/api/v1/files?q=song", "/api/v1/files?q=song&sort=-peers", "/api/v1/files?sort=-peers"])(
  "%s: peers that get and lose files between pages make none appear twice or not at all",
  async (list) => {
    const entry = (n: number) => ({
      path: `song ${n}.mp3`,
      fileId: sampleFileId(n),
      mtime: "2026-01-02T03:04:05.000Z",
    });
    const share = async (port: number, numbers: readonly number[]) => {
      const peer = await tracker.register(port);
      const path = `/api/v1/peers/${peer.peerId}/files`;
      const { status } = await tracker.call(path, {
        method: "PUT",
        lease: peer.lease,
        body: numbers.map(entry),
      });
      expect(status).toBe(200);
      return peer;
    };
    const all = Array.from({ length: 20 }, (_, n) => n);
    await share(4000, all);
    // The more peers a file has at first, the earlier it comes; then it loses them, and the last ones get more.
    const others: { peerId: string; lease: string }[] = [];
    for (let n = 0; n < 8; n++) others.push(await share(4001 + n, all.slice(n * 2)));
    const seen = await walk(list, {
      rowsOf: (body) => (body["files"] as { fileId: string }[]).map(({ fileId }) => fileId),
      async between(page) {
        const gone = others.pop();
        if (gone === undefined) return;
        const { peerId, lease } = gone;
        expect((await tracker.call(`/api/v1/peers/${peerId}`, { method: "DELETE", lease })).status).toBe(204);
        await share(5000 + page, all.slice(0, 4 + page));
      },
    });
    expect(seen.toSorted()).toEqual(all.map((n) => sampleFileId(n)).toSorted());
  },
);
