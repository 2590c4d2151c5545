import { describe, expect, test } from "vitest";
import type { ReachFinding, PeerRecord } from "../store/store.ts";
import { createProvenEndpoints } from "./proven-endpoints.ts";

const LAN = "http://192.168.1.9:7001";
const LOOPBACK = "http://127.0.0.1:7001";

function peerAt(urls: readonly string[], more: Partial<PeerRecord> = {}): PeerRecord {
  const peer: Partial<PeerRecord> = {
    peerId: "peer",
    nonce: "nonce",
    registeredFrom: "192.168.1.9",
    urls,
    findings: [],
    checkedAt: 0,
    ...more,
  };
  return peer as PeerRecord;
}

function createScene(proofs: Record<string, string | undefined>) {
  const clock = { now: 1_000_000 };
  const asked: { url: string; nonce: string; isLocal: boolean }[] = [];
  const endpoints = createProvenEndpoints({
    reader: {
      async prove(url, { nonce, registrant: { isLocal } }) {
        asked.push({ url, nonce, isLocal });
        return proofs[url];
      },
    },
    callers: { ownAddresses: () => new Set(["10.0.0.1"]) },
    now: () => clock.now,
  });
  return { clock, asked, endpoints, proofs };
}

const found = (url: string, reachable: ReachFinding["reachable"]): ReachFinding => ({
  url,
  reachable,
  reason: "",
});

describe("ProvenEndpoints", () => {
  test("gives the address that proved it, and asks again after a minute only", async () => {
    const { endpoints, asked, clock } = createScene({ [LAN]: "192.168.1.9" });
    const peer = peerAt([LAN]);
    expect(await endpoints.of(peer)).toEqual({ url: LAN, address: "192.168.1.9" });
    clock.now += 59_999;
    await endpoints.of(peer);
    expect(asked).toEqual([{ url: LAN, nonce: "nonce", isLocal: false }]);
    clock.now += 1;
    await endpoints.of(peer);
    expect(asked).toHaveLength(2);
  });

  test("gives nothing that wasn't proven, and asks again soon", async () => {
    const { endpoints, asked, clock, proofs } = createScene({});
    const peer = peerAt([LAN]);
    expect(await endpoints.of(peer)).toBeUndefined();
    expect(await endpoints.of(peer)).toBeUndefined();
    expect(asked).toHaveLength(1);
    proofs[LAN] = "192.168.1.9";
    clock.now += 5_000;
    expect(await endpoints.of(peer)).toEqual({ url: LAN, address: "192.168.1.9" });
  });

  test("believes no proof of a registration before, nor one where nobody answered", async () => {
    const { endpoints, asked } = createScene({ [LAN]: "192.168.1.9" });
    await endpoints.of(peerAt([LAN]));
    await endpoints.of(peerAt([LAN], { nonce: "another" }));
    endpoints.forget("peer");
    await endpoints.of(peerAt([LAN], { nonce: "another" }));
    expect(asked.map(({ nonce }) => nonce)).toEqual(["nonce", "another", "another"]);
  });

  test("tries where the peer was found before where nobody looked, and never where it was not", async () => {
    const other = "http://192.168.1.9:7002";
    const third = "http://192.168.1.9:7003";
    const { endpoints, asked } = createScene({});
    await endpoints.of(
      peerAt([other, LAN, third], {
        findings: [found(other, "no"), found(third, "yes"), found(LAN, "unknown")],
        checkedAt: 1,
      }),
    );
    expect(asked.map(({ url }) => url)).toEqual([third, LAN]);
  });

  test.each([
    { registeredFrom: "127.0.0.1", isLocal: true },
    { registeredFrom: "10.0.0.1", isLocal: true },
    { registeredFrom: "192.168.1.9", isLocal: false },
    { registeredFrom: "", isLocal: false },
  ])("says $isLocal to the dial rules of a registration from $registeredFrom", async (registration) => {
    const { endpoints, asked } = createScene({});
    await endpoints.of(peerAt([LOOPBACK], { registeredFrom: registration.registeredFrom }));
    expect(asked[0]?.isLocal).toBe(registration.isLocal);
  });

  test("asks nobody for a peer without a nonce", async () => {
    const { endpoints, asked } = createScene({ [LAN]: "192.168.1.9" });
    expect(await endpoints.of(peerAt([LAN], { nonce: "" }))).toBeUndefined();
    expect(asked).toEqual([]);
  });
});
