import { describe, expect, test } from "vitest";
import type { PeerRecord } from "../store/store.ts";
import { createTestTracker } from "../testing/test-tracker.ts";
import { createViaEndpoints } from "./via-endpoints.ts";

const URL_OF_PEER = "http://192.168.1.9:7001";

function peer(reachable: "yes" | "no" | "unknown" | "not checked"): PeerRecord {
  const isChecked = reachable !== "not checked";
  const record: Partial<PeerRecord> = {
    peerId: "peer",
    urls: [URL_OF_PEER],
    dialableUrls: [URL_OF_PEER],
    findings: isChecked ? [{ url: URL_OF_PEER, reachable, reason: "so it was found" }] : [],
    checkedAt: isChecked ? 1 : 0,
  };
  return record as PeerRecord;
}

describe("ViaEndpoints", () => {
  const none = { viaUrl: undefined, publicUrl: undefined, relayUrl: undefined };

  test.each([
    { config: none, port: 7080, reachedHost: "10.0.0.1", url: "http://10.0.0.1:7080" },
    { config: none, port: 7080, reachedHost: "fd00::1", url: "http://[fd00::1]:7080" },
    { config: none, port: 7080, reachedHost: undefined, url: undefined },
    { config: none, port: undefined, reachedHost: "10.0.0.1", url: undefined },
    {
      config: { ...none, publicUrl: "https://panal.example" },
      port: 7080,
      reachedHost: "panal.example",
      url: undefined,
    },
    {
      config: { ...none, publicUrl: "http://panal.lan" },
      port: 7080,
      reachedHost: "panal.lan",
      url: "http://panal.lan:7080",
    },
    {
      config: { ...none, viaUrl: "https://via.example", publicUrl: "https://panal.example" },
      port: undefined,
      reachedHost: undefined,
      url: "https://via.example",
    },
  ])("is at $url for who reached $reachedHost with $config", ({ config, port, reachedHost, url }) => {
    const caller = reachedHost === undefined ? {} : { reachedHost };
    expect(createViaEndpoints({ config, port }).urlFor(caller)).toBe(url);
  });

  test.each([
    { state: "yes", route: "gateway" },
    { state: "not checked", route: "gateway" },
    { state: "unknown", route: undefined },
    { state: "no", route: undefined },
  ] as const)("leads by $route to a peer that was found: $state", ({ state, route }) => {
    const via = createViaEndpoints({ config: none, port: 7080 });
    expect(via.endpointOf(peer(state), { reachedHost: "localhost" })?.route).toBe(route);
  });

  test.each([
    { what: "no address", of: { ...peer("not checked"), urls: [], dialableUrls: [] }, route: "relay" },
    { what: "one that can't be called", of: peer("no"), route: "relay" },
    { what: "one that can", of: peer("yes"), route: "gateway" },
  ])("leads by $route to a peer with $what when another tracker has the relay", ({ of, route }) => {
    const config = { ...none, viaUrl: "https://via.example", relayUrl: "https://relay.example" };
    expect(createViaEndpoints({ config, port: 7080 }).endpointOf(of, {})?.route).toBe(route);
    // With one of its own it knows better.
    const knowing = createViaEndpoints({ config, port: 7080, isAttached: () => false });
    expect(knowing.endpointOf(of, {})?.route).not.toBe("relay");
  });

  test("leads through the relay to a peer that is attached", () => {
    const via = createViaEndpoints({ config: none, port: 7080, isAttached: (peerId) => peerId === "peer" });
    expect(via.endpointOf(peer("no"), { reachedHost: "localhost" })).toMatchObject({
      url: "http://localhost:7080/via/peer",
      route: "relay",
    });
  });
});

test("answers about peers and files give the way through the gateway last", async () => {
  const tracker = createTestTracker({ viaUrl: "http://via.example" });
  const { peerId, lease } = await tracker.register(7001);
  const via = `http://via.example/via/${peerId}`;
  const fileId = `${"a".repeat(64)}-5`;
  await tracker.call(`/api/v1/peers/${peerId}/files`, {
    method: "PUT",
    lease,
    body: [{ path: "honey.txt", fileId, mtime: "2026-01-01T00:00:00Z" }],
  });
  const expected = [
    expect.objectContaining({ route: "direct" }),
    { url: via, route: "gateway", reachable: "unknown", reachableReason: "not checked yet" },
  ];
  const peers = await tracker.call("/api/v1/peers");
  expect(peers.body.peers[0].endpoints).toEqual(expected);
  const file = await tracker.call(`/api/v1/files/${fileId}`);
  expect(file.body.peers[0].endpoints).toEqual(expected);
  await tracker.close();
});
