import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PanalError } from "@panal/sdk";
import type { ShortAnswer } from "./peer-network.ts";
import { createSqliteStore } from "./store/sqlite.ts";
import { sampleFileId } from "./store/testing/sample-entries.ts";
import { ALIVE_MS, type TestTracker, createTestTracker } from "./testing/test-tracker.ts";

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.close());

async function peerIds(from = "127.0.0.1"): Promise<string[]> {
  const { body } = await tracker.call("/api/v1/peers", { from });
  return (body.peers as { peerId: string }[]).map(({ peerId }) => peerId);
}
function beat({ peerId, lease }: { peerId: string; lease: string }) {
  return tracker.call(`/api/v1/peers/${peerId}/heartbeat`, { method: "POST", lease });
}

describe("leases", () => {
  test("a peer that beats stays; one that stops vanishes after two and a half intervals", async () => {
    const [ana, bea] = [await tracker.register(1), await tracker.register(2)];
    for (let n = 0; n < 5; n++) {
      await tracker.pass(ALIVE_MS / 2.5);
      expect((await beat(ana)).status).toBe(200);
      if (n === 0) await beat(bea);
    }
    expect(await peerIds()).toEqual([ana.peerId]);
  });

  test("a peer is there to the last moment and not after it, in every answer", async () => {
    const ana = await tracker.register(1);
    const fileId = sampleFileId(1);
    await tracker.call(`/api/v1/peers/${ana.peerId}/files`, {
      method: "PUT",
      lease: ana.lease,
      body: [{ path: "winter.txt", fileId, mtime: "2026-01-01T00:00:00Z" }],
    });
    const statuses = async () => [
      (await tracker.call(`/api/v1/peers/${ana.peerId}`)).status,
      (await tracker.call(`/api/v1/peers/${ana.peerId}/files`)).status,
      (await tracker.call(`/api/v1/files/${fileId}`)).status,
      (await tracker.call("/search/winter.txt")).status,
      (await tracker.call("/api/v1/files?q=winter")).body.files.length,
      (await tracker.call("/api/v1/peers")).body.peers.length,
      (await tracker.call("/api/v1/stats")).body.files,
    ];
    await tracker.pass(ALIVE_MS);
    expect(await statuses()).toEqual([200, 200, 200, 200, 1, 1, 1]);
    await tracker.pass(1);
    expect(await statuses()).toEqual([404, 404, 404, 404, 0, 0, 0]);
  });

  test("a peer that was asleep is back, files and all, with its next heartbeat", async () => {
    const ana = await tracker.register(1);
    await tracker.pass(10 * ALIVE_MS);
    expect(await peerIds()).toEqual([]);
    expect((await beat(ana)).status).toBe(200);
    expect(await peerIds()).toEqual([ana.peerId]);
  });

  test("who was seen in a future that isn't any more is forgotten, and registers again", async () => {
    const store = createSqliteStore(":memory:");
    const [early, late] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2)];
    const before = createTestTracker({ store, startAt: late });
    const ghost = await before.register(1);
    const after = createTestTracker({ store, startAt: early });
    await after.pass(1_000);
    expect((await after.call("/api/v1/peers")).body.peers).toEqual([]);
    const again = { method: "POST", lease: ghost.lease };
    expect((await after.call(`/api/v1/peers/${ghost.peerId}/heartbeat`, again)).status).toBe(404);
    const ana = await after.register(1);
    expect((await after.call("/api/v1/peers")).body.peers).toMatchObject([{ peerId: ana.peerId }]);
    await after.close();
  });

  test("a heartbeat after the entry is gone says to register again", async () => {
    const ana = await tracker.register(1);
    await tracker.pass(16 * 60_000);
    expect((await beat(ana)).status).toBe(404);
    expect(
      await tracker.call("/api/v1/peers", { body: { name: "a", port: 1 }, lease: ana.lease }),
    ).toMatchObject({
      status: 401,
    });
  });

  test("heartbeats are written together, not one by one", async () => {
    const peers = [await tracker.register(1), await tracker.register(2)];
    const writes: number[] = [];
    const { touch } = tracker.store.peers;
    tracker.store.peers.touch = (seen) => {
      writes.push(seen.length);
      return touch(seen);
    };
    await tracker.pass(1_000);
    for (const peer of peers) for (let n = 0; n < 3; n++) await beat(peer);
    expect(writes).toEqual([]);
    await tracker.pass(2_000);
    expect(writes).toEqual([2]);
  });

  test("a restarted tracker knows its peers, also those whose time ran out meanwhile", async () => {
    const store = createSqliteStore(":memory:");
    // Closed by hand: the store outlives the first tracker.
    const first = createTestTracker({ store });
    const ana = await first.register(1);
    await first.registry.close();
    const second = createTestTracker({ store, startAt: first.now() + 60 * 60_000 });
    await second.pass(1);
    expect((await second.call("/api/v1/peers")).body.peers).toEqual([]);
    await second.pass(9_000);
    const answer = await second.call(`/api/v1/peers/${ana.peerId}/heartbeat`, {
      method: "POST",
      lease: ana.lease,
    });
    expect(answer.status).toBe(200);
    expect((await second.call("/api/v1/peers")).body.peers.length).toBe(1);
    await second.close();
  });

  test("closing writes heartbeats that were only in memory", async () => {
    const ana = await tracker.register(1);
    await tracker.pass(1_900);
    await beat(ana);
    const at = tracker.now();
    await tracker.registry.close();
    expect((await tracker.store.peers.find({ peerId: ana.peerId }))?.lastSeenAt).toBe(at);
  });

  test("the lease is nowhere in what is stored", async () => {
    const ana = await tracker.register(1);
    const record = await tracker.store.peers.find({ peerId: ana.peerId });
    expect(Buffer.from(ana.lease, "base64url").length).toBe(32);
    expect(record?.leaseHash.length).toBe(32);
    expect(JSON.stringify(record)).not.toContain(ana.lease);
  });

  test("a lease renews its peer under the same id, at another address", async () => {
    const ana = await tracker.register(1);
    const renewed = await tracker.call("/api/v1/peers", {
      body: { name: "Ana 2", port: 2 },
      lease: ana.lease,
    });
    expect(renewed).toMatchObject({ status: 201, body: { peerId: ana.peerId, lease: ana.lease } });
    const { body } = await tracker.call(`/api/v1/peers/${ana.peerId}`);
    expect(body).toMatchObject({
      name: "Ana 2",
      endpoints: [{ url: "http://127.0.0.1:2", route: "direct", reachable: "unknown" }],
    });
  });
});

describe("an address that is taken", () => {
  const URL_OF_ANA = "http://192.168.1.9:7071";
  const register = (nonce?: string) =>
    tracker.call("/api/v1/peers", {
      body: { name: "again", urls: [URL_OF_ANA], ...(nonce === undefined ? {} : { nonce }) },
      from: "192.168.1.9",
    });
  /** What is served at the address, by a tracker of its own. */
  function serve(answer: () => ShortAnswer | Promise<ShortAnswer>): string[] {
    const asked: string[] = [];
    tracker = createTestTracker({
      peerNetwork: {
        resolve: () => Promise.reject(new Error("nobody needs a name")),
        async get(url, { address, signal }) {
          expect(address).toBe("192.168.1.9");
          expect(signal.aborted).toBe(false);
          asked.push(url);
          return answer();
        },
      },
    });
    return asked;
  }
  const text = (body: string): ShortAnswer => ({ status: 200, text: body });

  test("is refused without its lease, saying when to come back", async () => {
    const first = await register();
    await tracker.pass(5_000);
    const second = await register();
    expect(second).toMatchObject({ status: 409, body: { status: 409, nonce: expect.any(String) } });
    expect(second.headers.get("retry-after")).toBe("20");
    expect(await peerIds("192.168.1.9")).toEqual([first.body.peerId]);
  });

  test("goes to whoever serves the nonce there", async () => {
    let served = "";
    const asked = serve(() => text(`${served}\n`));
    const first = await register();
    served = (await register()).body.nonce;
    const third = await register(served);
    expect(third.status).toBe(201);
    expect(asked).toEqual([`${URL_OF_ANA}/.well-known/panal`]);
    expect(await peerIds("192.168.1.9")).toEqual([third.body.peerId]);
    expect(first.body.peerId).not.toBe(third.body.peerId);
    expect(tracker.events.map(({ type }) => type)).toEqual(["peer-joined", "peer-left", "peer-joined"]);
  });

  test.each<[string, (nonce: string) => ShortAnswer | Promise<ShortAnswer>]>([
    ["something else", () => text("hello")],
    ["an error page with the nonce", (nonce) => ({ status: 404, text: nonce })],
    ["the nonce behind a redirect", (nonce) => ({ status: 302, text: nonce })],
    ["more than there should be", () => Promise.reject(new PanalError("too-large", "300 bytes"))],
    ["nothing", () => Promise.reject(new TypeError("fetch failed"))],
  ])("stays where it is when it serves %s", async (_what, answer) => {
    let nonce = "";
    serve(() => answer(nonce));
    const first = await register();
    ({ nonce } = (await register()).body);
    const refused = await register(nonce);
    expect(refused.status).toBe(409);
    expect(refused.body.nonce).not.toBe(nonce);
    expect(await peerIds("192.168.1.9")).toEqual([first.body.peerId]);
  });

  test("isn't asked about a nonce that was made up, is for another address, was used, or is old", async () => {
    let served = "";
    const asked = serve(() => text(served));
    await register();
    expect((await register("made-up")).status).toBe(409);
    await tracker.register(5, { from: "10.0.0.7" });
    const other = await tracker.call("/api/v1/peers", { body: { name: "x", port: 5 }, from: "10.0.0.7" });
    expect((await register(other.body.nonce)).status).toBe(409);
    expect(asked).toEqual([]);
    served = (await register()).body.nonce;
    expect((await register(served)).status).toBe(201);
    expect((await register(served)).status).toBe(409);
    expect(asked.length).toBe(1);
    served = (await register()).body.nonce;
    await tracker.pass(60_000);
    await register();
    // Meanwhile the tracker has looked whether the live peer is where it says.
    const before = asked.length;
    expect((await register(served)).status).toBe(409);
    expect(asked.length).toBe(before);
  });

  test("is free again when its peer is silent, whose entry then goes", async () => {
    const first = await register();
    await tracker.pass(ALIVE_MS + 1);
    const second = await register();
    expect(second.status).toBe(201);
    expect((await beat(first.body)).status).toBe(404);
  });

  test("counts heartbeats that aren't written yet", async () => {
    const first = await register();
    await tracker.pass(ALIVE_MS - 1_500);
    await beat(first.body);
    // No tick: only memory knows of that heartbeat.
    expect((await register()).status).toBe(409);
  });

  test("of a private network is another one in another network", async () => {
    const urls = ["http://192.168.0.2:7071"];
    const here = await tracker.call("/api/v1/peers", { body: { name: "a", urls }, from: "203.0.113.1" });
    const there = await tracker.call("/api/v1/peers", { body: { name: "b", urls }, from: "198.51.100.1" });
    const again = await tracker.call("/api/v1/peers", { body: { name: "c", urls }, from: "203.0.113.1" });
    expect([here.status, there.status, again.status]).toEqual([201, 201, 409]);
  });
});

describe("events", () => {
  test("tell who comes, changes, falls silent, and is back", async () => {
    const ana = await tracker.register(1, { from: "10.0.0.1" });
    await tracker.call(`/api/v1/peers/${ana.peerId}/files`, { method: "PUT", lease: ana.lease, body: [] });
    await tracker.pass(ALIVE_MS + 1);
    await tracker.pass(1_000);
    await beat(ana);
    await tracker.call(`/api/v1/peers/${ana.peerId}`, { method: "DELETE", lease: ana.lease });
    expect(tracker.events.map(({ type }) => type)).toEqual([
      "peer-joined",
      "files-changed",
      "peer-left",
      "peer-joined",
      "peer-left",
    ]);
    expect(tracker.events.every(({ peerId }) => peerId === ana.peerId)).toBe(true);
  });
});
