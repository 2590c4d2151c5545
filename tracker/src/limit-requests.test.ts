import { afterEach, describe, expect, test } from "vitest";
import { limitOf } from "./limit-requests.ts";
import { sampleFileId } from "./store/testing/sample-entries.ts";
import { type Call, type TestTracker, createTestTracker } from "./testing/test-tracker.ts";

const STRANGER = "203.0.113.7";
const FILE_ID = sampleFileId(1);

test.each([
  ["POST", "/api/v1/peers", "registrations"],
  ["POST", "/register", "registrations"],
  ["POST", "/api/v1/peers/abc/heartbeat", "heartbeats"],
  ["PUT", "/api/v1/peers/abc/files", "announces"],
  ["PATCH", "/api/v1/peers/abc/files", "announces"],
  ["GET", "/api/v1/peers/abc/files", "requests"],
  ["GET", "/api/v1/files", "searches"],
  ["HEAD", "/api/v1/files", "searches"],
  ["GET", "/search/a.txt", "searches"],
  ["GET", `/api/v1/files/${FILE_ID}`, "requests"],
  ["POST", `/api/v1/files/${FILE_ID}/reports`, "reports"],
  ["DELETE", "/api/v1/peers/abc", "requests"],
  ["GET", "/api/v1/peers", "requests"],
  ["GET", "/api/v1/events", "requests"],
  ["GET", "/", "requests"],
  ["GET", "/assets/x.js", "requests"],
  ["GET", "/healthz", undefined],
  ["GET", "/readyz", undefined],
])("%s %s counts as %s", (method, path, limit) => {
  expect(limitOf(method, path)).toBe(limit);
});

describe("limits", () => {
  let tracker: TestTracker;
  afterEach(() => tracker.close());
  const open = (limits: number) => {
    tracker = createTestTracker({ limits });
  };
  /** Calls until it is refused, at most so often; how many were answered, and the refusal. */
  async function exhaust(path: string, call: Call, most: number) {
    for (let answered = 0; answered < most; answered++) {
      const answer = await tracker.call(path, call);
      if (answer.status === 429) return { answered, refusal: answer };
    }
    return { answered: most, refusal: undefined };
  }

  test("a refusal is a problem that says which limit, how much it is, and when to come back", async () => {
    open(0.01);
    const { answered, refusal } = await exhaust("/api/v1/files", { from: STRANGER }, 100);
    expect(answered).toBe(10);
    expect(refusal).toMatchObject({
      status: 429,
      body: {
        type: "urn:panal:problem:too-many-requests",
        status: 429,
        detail: expect.stringMatching(
          /^searches: an address may do 1 a second, and 10 at once; .* 1 s .*--limits/,
        ),
        requestId: expect.any(String),
      },
    });
    expect(refusal?.headers.get("retry-after")).toBe("1");
    await tracker.pass(1_000);
    expect((await tracker.call("/api/v1/files", { from: STRANGER })).status).toBe(200);
    expect((await tracker.call("/api/v1/files", { from: STRANGER })).status).toBe(429);
    const { body: metrics } = await tracker.call("/metrics");
    expect(metrics).toMatch(/^panal_refused_total\{limit="searches"\} 2$/m);
  });

  test("an address is one for everybody behind it, and an IPv6 network of 64 bits is one address", async () => {
    open(0.001);
    const searchFrom = async (from: string) => (await tracker.call("/api/v1/files", { from })).status;
    expect([await searchFrom("2001:db8:1:2::1"), await searchFrom("2001:db8:1:2:ffff::9")]).toEqual([
      200, 429,
    ]);
    expect(await searchFrom("2001:db8:1:3::1")).toBe(200);
    expect([await searchFrom(STRANGER), await searchFrom(`::ffff:${STRANGER}`)]).toEqual([200, 429]);
  });

  test("whom a proxy names counts only when the proxy is trusted", async () => {
    tracker = createTestTracker({ limits: 0.001, trustedProxies: ["10.0.0.2"] });
    const searchAs = async (from: string, name: string) =>
      (await tracker.call("/api/v1/files", { from, headers: { "x-forwarded-for": name } })).status;
    expect(await searchAs("10.0.0.2", "198.51.100.1")).toBe(200);
    expect(await searchAs("10.0.0.2", "198.51.100.2")).toBe(200);
    expect(await searchAs("10.0.0.2", "198.51.100.1")).toBe(429);
    expect(await searchAs("10.0.0.3", "198.51.100.3")).toBe(200);
    expect(await searchAs("10.0.0.3", "198.51.100.4")).toBe(429);
  });

  test("one lease is held back without holding back others at its address", async () => {
    open(1);
    const register = async (port: number) =>
      (await tracker.call("/api/v1/peers", { body: { name: "x", port }, from: STRANGER })).body;
    const [greedy, modest] = [await register(1), await register(2)];
    const beat = (peer: { peerId: string; lease: string }): [string, Call] => [
      `/api/v1/peers/${peer.peerId}/heartbeat`,
      { method: "POST", lease: peer.lease, from: STRANGER },
    ];
    const { answered, refusal } = await exhaust(...beat(greedy), 100);
    expect(answered).toBe(20);
    expect(refusal?.body.detail).toMatch(/^heartbeats: a lease may do 2 a second/);
    expect((await tracker.call(...beat(modest))).status).toBe(200);
  });

  test("a campus of 2000 peers behind one address registers and heartbeats", async () => {
    open(1);
    const peers: { peerId: string; lease: string }[] = [];
    for (let port = 1; port <= 2_000; port++) {
      peers.push(await tracker.register(port, { from: STRANGER }));
    }
    for (let round = 0; round < 3; round++) {
      await tracker.pass(8_000);
      for (const { peerId, lease } of peers) {
        const call = { method: "POST", lease, from: STRANGER };
        const { status } = await tracker.call(`/api/v1/peers/${peerId}/heartbeat`, call);
        if (status !== 200) throw new Error(`heartbeat: ${status}`);
      }
    }
  });

  test("files of announcements are counted, by lists, changes and short forms", async () => {
    open(0.000_5);
    const file = { path: "a.txt", fileId: FILE_ID, mtime: "2026-01-01T00:00:00Z" };
    const many = Array.from({ length: 6_000 }, (_, n) => ({ ...file, path: `${n}.txt` }));
    const path = (peerId: string) => `/api/v1/peers/${peerId}/files`;
    const patch = { baseRevision: 0, revision: 1, added: many };
    for (const [n, announce] of [
      (peer: { peerId: string; lease: string }, from: string) =>
        tracker.call(path(peer.peerId), { method: "PUT", lease: peer.lease, from, body: many }),
      (peer: { peerId: string; lease: string }, from: string) =>
        tracker.call(path(peer.peerId), { method: "PATCH", lease: peer.lease, from, body: patch }),
      (_peer: unknown, from: string) =>
        tracker.call("/register", { from, body: { port: 5, files: many.map((entry) => entry.path) } }),
    ].entries()) {
      const from = `203.0.113.${n}`;
      const peer = await tracker.register(1, { from });
      await tracker.pass(10 * 60_000);
      expect((await announce(peer, from)).status).toBeLessThan(300);
      // An address may send 5000 at once, and 25 a second after that.
      const later = await tracker.call("/register", { from, body: { port: 6 } });
      expect(later).toMatchObject({
        status: 429,
        body: { detail: expect.stringMatching(/^files: an address may do 25 a second, and 5000 at once/) },
      });
    }
  });

  test("the tracker's own machine has a hundred times as much, and nobody has a limit where there is none", async () => {
    open(0.01);
    expect((await exhaust("/api/v1/files", {}, 999)).refusal).toBeUndefined();
    await tracker.close();
    open(0);
    expect((await exhaust("/api/v1/files", { from: STRANGER }, 2_000)).refusal).toBeUndefined();
  });

  test("event streams are counted while they are open", async () => {
    open(0.004);
    const watch = async () => {
      const ending = new AbortController();
      const response = await tracker.app.request(
        new Request("http://localhost:7070/api/v1/events", { signal: ending.signal }),
        undefined,
        { remoteAddress: STRANGER },
      );
      return { status: response.status, ending, response };
    };
    const first = await watch();
    const second = await watch();
    expect([first.status, second.status]).toEqual([200, 200]);
    const third = await watch();
    expect(third.status).toBe(429);
    expect(await third.response.json()).toMatchObject({
      detail: expect.stringMatching(/^streams: .* 2 open/),
    });
    first.ending.abort();
    expect((await watch()).status).toBe(200);
    await second.response.body?.cancel();
    expect((await watch()).status).toBe(200);
    expect((await watch()).status).toBe(429);
  });
});
