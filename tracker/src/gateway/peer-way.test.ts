import { expect, test } from "vitest";
import type { PeerRecord } from "../store/store.ts";
import { type PeerWay, findWay } from "./peer-way.ts";

function wayTo(route: PeerWay["route"], ...peerIds: readonly string[]): PeerWay {
  return {
    route,
    leadsTo: async ({ peerId }) => peerIds.includes(peerId),
    send: () => Promise.reject(new Error("not asked for")),
  };
}

const peer = (peerId: string) => ({ peerId }) as PeerRecord;

test("findWay() takes the first way that leads to the peer", async () => {
  const relay = wayTo("relay", "attached");
  const gateway = wayTo("gateway", "attached", "dialled");
  expect(await findWay([relay, gateway], peer("attached"))).toBe(relay);
  expect(await findWay([relay, gateway], peer("dialled"))).toBe(gateway);
});

test("findWay() throws when no way leads there", async () => {
  await expect(findWay([wayTo("relay"), wayTo("gateway")], peer("somebody"))).rejects.toMatchObject({
    code: "unreachable",
    message: expect.stringContaining("somebody"),
  });
});
