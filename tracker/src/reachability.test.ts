import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PeerNetwork, ShortAnswer } from "./peer-network.ts";
import { sampleFileId } from "./store/testing/sample-entries.ts";
import { type TestTracker, createTestTracker } from "./testing/test-tracker.ts";

const ANA = "192.168.1.9";
const URL_OF_ANA = `http://${ANA}:7071`;

let tracker: TestTracker;
/** What each address answers; nothing else is there. */
let served: Map<string, () => ShortAnswer | Promise<ShortAnswer>>;
let calls: string[];

const network: PeerNetwork = {
  resolve: () => Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND" })),
  async get(url, { address }) {
    calls.push(address);
    const answer = served.get(new URL(url).origin);
    if (answer === undefined) throw Object.assign(new Error("no"), { code: "ECONNREFUSED" });
    return answer();
  },
};

beforeEach(() => {
  served = new Map();
  calls = [];
  tracker = createTestTracker({ peerNetwork: network });
});
afterEach(() => tracker.close());

const register = async (urls = [URL_OF_ANA], call: { lease?: string; from?: string } = {}) => {
  const answer = await tracker.call("/api/v1/peers", { body: { name: "ana", urls }, from: ANA, ...call });
  expect(answer.status).toBe(201);
  return answer.body as { peerId: string; lease: string; nonce: string };
};
const serve = (nonce: string, url = URL_OF_ANA) => served.set(url, () => ({ status: 200, text: nonce }));
const beat = ({ peerId, lease }: { peerId: string; lease: string }, from = ANA) =>
  tracker.call(`/api/v1/peers/${peerId}/heartbeat`, { method: "POST", lease, from });
const shown = async ({ peerId }: { peerId: string }) =>
  (await tracker.call(`/api/v1/peers/${peerId}`, { from: ANA })).body;
/** Heartbeats every ten seconds for so long. */
async function live(peer: { peerId: string; lease: string }, ms: number) {
  for (let passed = 0; passed < ms; passed += 10_000) {
    await tracker.pass(10_000);
    await beat(peer);
    await tracker.pass(0);
  }
}

describe("after registration", () => {
  test("nothing is known, then that the nonce is served", async () => {
    const ana = await register();
    expect(await shown(ana)).toMatchObject({ reachable: "unknown", reachableReason: "not checked yet" });
    expect(await shown(ana)).not.toHaveProperty("checkedAt");
    serve(ana.nonce);
    await tracker.pass(999);
    expect(calls).toEqual([]);
    await tracker.pass(1);
    const checkedAt = new Date(tracker.now()).toISOString();
    const found = { reachable: "yes", reachableReason: "answered with its nonce", checkedAt };
    expect(await shown(ana)).toMatchObject({ ...found, endpoints: [{ url: URL_OF_ANA, ...found }] });
    expect((await tracker.call("/api/v1/peers", { from: ANA })).body.peers).toMatchObject([found]);
  });

  test("each address has its own finding, the reachable ones first; the peer has the best", async () => {
    const dead = `http://${ANA}:1`;
    const elsewhere = "http://198.51.100.7:7071";
    const ana = await register([dead, elsewhere, URL_OF_ANA]);
    serve(ana.nonce);
    await tracker.pass(1_000);
    expect(calls).toEqual([ANA, ANA]);
    expect(await shown(ana)).toMatchObject({
      reachable: "yes",
      endpoints: [
        { url: URL_OF_ANA, reachable: "yes" },
        { url: elsewhere, reachable: "unknown", reachableReason: expect.stringContaining("--dial-range") },
        { url: dead, reachable: "no", reachableReason: "no connection: refused" },
      ],
    });
  });

  test("a name that leads nowhere, or an address of another machine, is called by nobody", async () => {
    const ana = await register(["http://169.254.169.254", "http://10.0.0.1:22"]);
    await tracker.pass(1_000);
    expect(calls).toEqual([]);
    expect(await shown(ana)).toMatchObject({ reachable: "unknown", checkedAt: expect.any(String) });
  });

  test("an operator's range may be called, whoever is in it", async () => {
    const wide = createTestTracker({ peerNetwork: network, dialRanges: ["10.0.0.0/8"] });
    await wide.call("/api/v1/peers", { body: { name: "x", urls: ["http://10.1.2.3:1"] }, from: ANA });
    await wide.pass(1_000);
    expect(calls).toEqual(["10.1.2.3"]);
    await wide.close();
  });

  test("loopback is called for this machine only, also by heartbeats", async () => {
    const local = await register(["http://127.0.0.1:7071"], { from: "127.0.0.1" });
    serve(local.nonce, "http://127.0.0.1:7071");
    await tracker.pass(1_000);
    expect(calls).toEqual(["127.0.0.1"]);
    for (let n = 0; n < 70; n++) {
      await tracker.pass(10_000);
      await beat(local, "203.0.113.9");
    }
    await tracker.pass(0);
    expect(calls).toEqual(["127.0.0.1"]);
  });

  test("registering again asks anew for the new nonce; a late answer for the old one counts nothing", async () => {
    const first = await register();
    const { promise, resolve } = Promise.withResolvers<ShortAnswer>();
    served.set(URL_OF_ANA, () => promise);
    const checking = tracker.pass(1_000);
    const second = await register([URL_OF_ANA], { lease: first.lease });
    expect(second.peerId).toBe(first.peerId);
    expect(second.nonce).not.toBe(first.nonce);
    resolve({ status: 200, text: first.nonce });
    await checking;
    expect(await shown(second)).toMatchObject({ reachable: "unknown" });
    serve(first.nonce);
    await tracker.pass(1_000);
    expect(await shown(second)).toMatchObject({
      reachable: "no",
      reachableReason: "answered with another nonce",
    });
    serve(second.nonce);
    await live(second, 60_000);
    expect(await shown(second)).toMatchObject({ reachable: "yes" });
  });

  test("isn't in the way: an address that never answers holds up neither registrations nor heartbeats", async () => {
    const never = Promise.withResolvers<ShortAnswer>();
    served.set(URL_OF_ANA, () => never.promise);
    const ana = await register();
    const checking = tracker.pass(1_000);
    await tracker.registry.tick();
    expect((await beat(ana)).status).toBe(200);
    expect(await register([`http://${ANA}:2`])).toMatchObject({ nonce: expect.any(String) });
    never.resolve({ status: 200, text: ana.nonce });
    await checking;
    expect(await shown(ana)).toMatchObject({ reachable: "yes" });
  });
});

describe("two trackers on one store", () => {
  test("both show what one found, and who hears of a peer looks at it, whoever took the complaint", async () => {
    const { store } = tracker;
    const other = createTestTracker({ peerNetwork: network, store });
    const ana = await register();
    serve(ana.nonce);
    await tracker.pass(1_000);
    const path = `/api/v1/peers/${ana.peerId}`;
    expect((await other.call(path, { from: ANA })).body).toMatchObject({ reachable: "yes" });
    await live(ana, 30_000);
    expect(calls.length).toBe(1);
    await store.reports.add({
      peerId: ana.peerId,
      fileId: sampleFileId(1),
      reason: "unreachable",
      reporter: "elsewhere",
      at: tracker.now(),
    });
    served.clear();
    await live(ana, 10_000);
    expect((await other.call(path, { from: ANA })).body).toMatchObject({ reachable: "no" });
    expect(calls.length).toBe(2);
    // The store is closed with the tracker it is of.
    await other.registry.close();
  });
});

describe("as long as it lives", () => {
  test("a reachable peer is looked at every ten minutes, and that it went is told once", async () => {
    const ana = await register();
    serve(ana.nonce);
    await tracker.pass(1_000);
    await live(ana, 9 * 60_000);
    expect(calls.length).toBe(1);
    served.clear();
    await live(ana, 2 * 60_000);
    expect(calls.length).toBe(2);
    expect(await shown(ana)).toMatchObject({ reachable: "no" });
    serve(ana.nonce);
    await live(ana, 10 * 60_000);
    expect(await shown(ana)).toMatchObject({ reachable: "yes" });
    expect(tracker.events.map(({ type }) => type)).toEqual(["peer-joined", "peer-changed", "peer-changed"]);
  });

  test("one that isn't reachable is asked after a minute, then less and less often, and is listed all the time", async () => {
    const ana = await register();
    await live(ana, 60 * 60_000);
    expect(await shown(ana)).toMatchObject({ reachable: "no" });
    expect(calls.length).toBeGreaterThan(5);
    expect(calls.length).toBeLessThan(20);
    const before = calls.length;
    await live(ana, 60 * 60_000);
    expect(calls.length - before).toBeLessThanOrEqual(5);
  });

  test("a peer that registers again and again is called four times a minute at most", async () => {
    let ana = await register();
    for (let n = 0; n < 30; n++) {
      ana = await register([URL_OF_ANA], { lease: ana.lease });
      await tracker.pass(1_000);
    }
    expect(calls.length).toBeLessThanOrEqual(6);
  });

  test("at most 32 peers are called at a time, eight from one address, and the others get their turn", async () => {
    const { promise, resolve } = Promise.withResolvers<ShortAnswer>();
    const sentFrom = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"];
    for (const from of sentFrom) {
      for (let port = 1; port <= 10; port++) {
        served.set(`http://${from}:${port}`, () => promise);
        await register([`http://${from}:${port}`], { from });
      }
    }
    const checking = tracker.pass(1_000);
    await tracker.registry.tick();
    const callsTo = (address: string) => calls.filter((call) => call === address).length;
    expect(sentFrom.map(callsTo)).toEqual([8, 8, 8, 8, 0]);
    resolve({ status: 200, text: "another" });
    await checking;
    await tracker.pass(500);
    await tracker.pass(500);
    expect(sentFrom.map(callsTo)).toEqual([10, 10, 10, 10, 10]);
  });

  test("one that is gone isn't called any more", async () => {
    const ana = await register();
    await tracker.call(`/api/v1/peers/${ana.peerId}`, { method: "DELETE", lease: ana.lease, from: ANA });
    await tracker.pass(1_000);
    expect(calls).toEqual([]);
  });
});
