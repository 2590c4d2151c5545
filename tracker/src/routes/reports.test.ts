import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PeerNetwork } from "../peer-network.ts";
import { sampleFileId } from "../store/testing/sample-entries.ts";
import { type TestTracker, createTestTracker } from "../testing/test-tracker.ts";

const FILE_ID = sampleFileId(1);
const HOUR = 60 * 60_000;

let tracker: TestTracker;
/** The nonces that are served, by address. */
let served: Map<string, string>;
let calls: string[];

const network: PeerNetwork = {
  resolve: () => Promise.reject(new Error("no names here")),
  async get(_url, { address }) {
    calls.push(address);
    const text = served.get(address);
    if (text === undefined) throw Object.assign(new Error("no"), { code: "ECONNREFUSED" });
    return { status: 200, text };
  },
};

interface Peer {
  peerId: string;
  lease: string;
  nonce: string;
  address: string;
}

/** A peer that has the file, and is reachable or not. */
async function share(name: string, address: string, isReachable = true): Promise<Peer> {
  const { body } = await tracker.call("/api/v1/peers", { body: { name, port: 7071 }, from: address });
  const peer = { ...body, address } as Peer;
  if (isReachable) served.set(address, peer.nonce);
  const files = [{ path: "a.bin", fileId: FILE_ID, mtime: "2026-01-01T00:00:00Z" }];
  const path = `/api/v1/peers/${peer.peerId}/files`;
  await tracker.call(path, { method: "PUT", lease: peer.lease, from: address, body: files });
  return peer;
}

async function live(peers: readonly Peer[], ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 10_000) {
    await tracker.pass(10_000);
    for (const { peerId, lease, address } of peers) {
      await tracker.call(`/api/v1/peers/${peerId}/heartbeat`, { method: "POST", lease, from: address });
    }
    await tracker.pass(0);
  }
}

const report = (peerId: string, reason: string, from = "198.51.100.1", fileId: string = FILE_ID) =>
  tracker.call(`/api/v1/files/${fileId}/reports`, { body: { peerId, reason }, from });

async function holders(): Promise<{ name: string; reachable: string; reports: object }[]> {
  const { status, body } = await tracker.call(`/api/v1/files/${FILE_ID}`, { from: "198.51.100.9" });
  return status === 200 ? body.peers : [];
}
const order = async () => (await holders()).map(({ name }) => name);

beforeEach(() => {
  served = new Map();
  calls = [];
  tracker = createTestTracker({ peerNetwork: network });
});
afterEach(() => tracker.close());

test("a report is shown at its source, for everybody", async () => {
  const liar = await share("liar", "203.0.113.1");
  await share("honest", "203.0.113.2");
  const none = { corrupt: 0, unreachable: 0 };
  expect(await holders()).toMatchObject([{ reports: none }, { reports: none }]);
  expect(await report(liar.peerId, "corrupt")).toMatchObject({
    status: 200,
    body: { corrupt: 1, unreachable: 0 },
  });
  expect((await report(liar.peerId, "unreachable", "198.51.100.2")).body).toEqual({
    corrupt: 1,
    unreachable: 1,
  });
  expect((await holders()).find(({ name }) => name === "liar")?.reports).toEqual({
    corrupt: 1,
    unreachable: 1,
  });
  expect((await holders()).find(({ name }) => name === "honest")?.reports).toEqual(none);
});

test("an address counts once for each peer and file, by what it said last", async () => {
  const liar = await share("liar", "203.0.113.1");
  for (let n = 0; n < 5; n++) await report(liar.peerId, "corrupt");
  expect((await report(liar.peerId, "unreachable")).body).toEqual({ corrupt: 0, unreachable: 1 });
  await report(liar.peerId, "corrupt", "2001:db8:1:2::1");
  expect((await report(liar.peerId, "corrupt", "2001:db8:1:2:3::9")).body).toEqual({
    corrupt: 1,
    unreachable: 1,
  });
});

test.each([
  [{ peerId: "somebody" }, "reason"],
  [{ peerId: "somebody", reason: "ugly" }, "reason"],
  [{ reason: "corrupt" }, "peerId"],
  [{ peerId: "<script>", reason: "corrupt" }, "peerId"],
  ["", "body"],
])("%j is refused, naming %s", async (body, field) => {
  const answer = await tracker.call(`/api/v1/files/${FILE_ID}/reports`, { method: "POST", body });
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } });
});

test("only who has the file, and may be seen, can be reported for it", async () => {
  const other = sampleFileId(2);
  const ana = await share("ana", "203.0.113.1");
  const local = await share("local", "127.0.0.1");
  expect((await report(ana.peerId, "corrupt", "198.51.100.1", other)).status).toBe(404);
  expect((await report("nobody-here", "corrupt")).status).toBe(404);
  expect((await report(local.peerId, "corrupt")).status).toBe(404);
  expect((await report(local.peerId, "corrupt", "127.0.0.1")).status).toBe(200);
  expect((await report(ana.peerId, "corrupt", "198.51.100.1", "not-a-file")).status).toBe(400);
});

describe("order", () => {
  test("reachable peers come first, then those nobody knows of, then those that aren't; a liar later", async () => {
    const [dead, ana, bea] = [
      await share("dead", "203.0.113.1", false),
      await share("ana", "203.0.113.2"),
      await share("bea", "203.0.113.3"),
    ];
    await live([dead, ana, bea], 20_000);
    const fresh = await share("fresh", "203.0.113.4");
    expect((await holders()).map(({ reachable }) => reachable)).toEqual(["yes", "yes", "unknown", "no"]);
    for (let n = 0; n < 8; n++) await report(ana.peerId, "corrupt", `198.51.100.${n}`);
    expect(await order()).toEqual(["bea", "fresh", "dead", "ana"]);
    expect(fresh.peerId).toBeDefined();
  });

  test("reports count less and less, and after an hour no more", async () => {
    const [ana, bea] = [await share("ana", "203.0.113.1"), await share("bea", "203.0.113.2")];
    await live([ana, bea], 20_000);
    await report(ana.peerId, "corrupt", "198.51.100.1");
    await live([ana, bea], HOUR / 2);
    await report(bea.peerId, "corrupt", "198.51.100.1");
    expect(await order()).toEqual(["ana", "bea"]);
    await live([ana, bea], HOUR / 2 + 10_000);
    expect((await holders()).map(({ name, reports }) => [name, reports])).toEqual([
      ["ana", { corrupt: 0, unreachable: 0 }],
      ["bea", { corrupt: 1, unreachable: 0 }],
    ]);
    await live([ana, bea], HOUR / 2 + 60_000);
    expect(await tracker.store.reports.ofFile(FILE_ID, 0)).toEqual([]);
  });
});

describe("an honest peer", () => {
  test("isn't removed by a flood of reports from one address: it counts as one, and soon nothing is taken", async () => {
    const [ana, bea] = [await share("ana", "203.0.113.1"), await share("bea", "203.0.113.2")];
    await live([ana, bea], 20_000);
    const statuses = new Map<number, number>();
    for (let n = 0; n < 200; n++) {
      const { status } = await report(ana.peerId, n % 2 === 0 ? "corrupt" : "unreachable");
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect(Object.fromEntries(statuses)).toEqual({ 200: 60, 429: 140 });
    expect(await tracker.store.reports.ofFile(FILE_ID, 0)).toHaveLength(1);
    expect(await order()).toEqual(["bea", "ana"]);
  });

  test("isn't removed by a flood from many: it is behind the others, in every list, and reachable", async () => {
    const [ana, bea] = [await share("ana", "203.0.113.1"), await share("bea", "203.0.113.2")];
    await live([ana, bea], 20_000);
    for (let n = 0; n < 500; n++) {
      const from = `198.51.${100 + (n >> 8)}.${n & 255}`;
      expect((await report(ana.peerId, "corrupt", from)).status).toBe(200);
    }
    expect(await tracker.store.reports.ofFile(FILE_ID, 0)).toHaveLength(64);
    expect(await order()).toEqual(["bea", "ana"]);
    await live([ana, bea], 60_000);
    expect(await order()).toEqual(["bea", "ana"]);
    expect((await holders())[1]).toMatchObject({ reachable: "yes", reports: { corrupt: 64 } });
    const { body } = await tracker.call("/api/v1/peers", { from: "198.51.100.9" });
    expect(body.peers.map(({ name }: { name: string }) => name)).toEqual(["ana", "bea"]);
  });

  test("of whom is said that it is dead is looked at with its next heartbeat, which clears it", async () => {
    const ana = await share("ana", "203.0.113.1");
    await live([ana], 60_000);
    expect(calls.length).toBe(1);
    for (let n = 0; n < 20; n++) await report(ana.peerId, "unreachable", `198.51.100.${n}`);
    await report(ana.peerId, "corrupt", "198.51.100.99");
    expect((await holders())[0]).toMatchObject({ reports: { corrupt: 1, unreachable: 20 } });
    await live([ana], 10_000);
    expect(calls.length).toBe(2);
    expect((await holders())[0]).toMatchObject({ reachable: "yes", reports: { corrupt: 1, unreachable: 0 } });
  });

  test("isn't called more than four times a minute, whatever is said of it", async () => {
    const ana = await share("ana", "203.0.113.1");
    await live([ana], 60_000);
    const before = calls.length;
    for (let n = 0; n < 12; n++) {
      await report(ana.peerId, "unreachable", `198.51.100.${n}`);
      await live([ana], 10_000);
    }
    expect(calls.length - before).toBeLessThanOrEqual(9);
  });
});

test("a peer that is really dead stays reported, and is found out sooner", async () => {
  const ana = await share("ana", "203.0.113.1");
  await live([ana], 60_000);
  served.clear();
  await report(ana.peerId, "unreachable");
  await live([ana], 10_000);
  expect((await holders())[0]).toMatchObject({
    reachable: "no",
    reachableReason: "no connection: refused",
    reports: { unreachable: 1 },
  });
});
