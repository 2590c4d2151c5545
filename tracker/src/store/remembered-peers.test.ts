import { beforeEach, describe, expect, it } from "vitest";
import { rememberPeers } from "./remembered-peers.ts";
import type { PeerChange, PeerRecord, PeerStore, Store } from "./store.ts";

const peerOf = (peerId: string, lastSeenAt = 1000) => ({ peerId, lastSeenAt, revision: 1 }) as PeerRecord;

/** What is in the database; a test changes it behind the remembering. */
let stored: Map<string, PeerRecord>;
let asked: string[];
/** Held back until it is called, when a test says so. */
let answer: (() => void) | undefined;
let isHeldBack: boolean;
let store: Pick<Store, "peers" | "lists" | "reports">;

beforeEach(() => {
  stored = new Map(["a", "b", "c"].map((peerId) => [peerId, peerOf(peerId)]));
  asked = [];
  isHeldBack = false;
  const find: PeerStore["find"] = async (by) => {
    const peerId = "peerId" in by ? by.peerId : "a";
    asked.push(peerId);
    const found = stored.get(peerId);
    if (isHeldBack) await new Promise<void>((resolve) => (answer = resolve));
    return found;
  };
  const peers = {
    find,
    save: async () => [],
    touch: async () => [],
    remove: async (which: object) => ("peerIds" in which ? ["a"] : ["b"]),
    noteReach: async () => true,
  };
  const lists = { commit: async () => ({}), patch: () => Promise.reject(new Error("conflict")) };
  const reports = { add: async () => {} };
  store = rememberPeers({ peers, lists, reports } as unknown as typeof store, { maxRemembered: 2 });
});

/** Those of a, b and c that are asked for once more. */
async function forgotten(...peerIds: string[]): Promise<string[]> {
  asked = [];
  for (const peerId of peerIds) await store.peers.find({ peerId });
  return asked;
}

describe("rememberPeers", () => {
  it("find() asks for a peer once, by its id", async () => {
    expect(await store.peers.find({ peerId: "a" })).toEqual(peerOf("a"));
    expect(await store.peers.find({ peerId: "a" })).toEqual(peerOf("a"));
    await store.peers.find({ leaseHash: new Uint8Array() });
    expect(asked).toEqual(["a", "a"]);
  });

  it("find() asks each time for a peer that isn't there", async () => {
    expect(await store.peers.find({ peerId: "x" })).toBeUndefined();
    expect(await forgotten("x", "x")).toEqual(["x", "x"]);
  });

  it("find() remembers no more peers than it may, and forgets the first", async () => {
    await forgotten("a", "b", "c");
    expect(await forgotten("c", "b", "a")).toEqual(["a"]);
  });

  const change = (replaces: string[], aliveSince = 0) =>
    ({ peerId: "a", replaces, aliveSince }) as unknown as PeerChange;

  it.each<{ what: string; work: () => Promise<unknown>; gone: string[] }>([
    { what: "save()", work: () => store.peers.save(change([])), gone: ["a"] },
    { what: "save() in place of another", work: () => store.peers.save(change(["b"])), gone: ["a", "b"] },
    {
      what: "save() when others are silent",
      work: () => store.peers.save(change([], 1001)),
      gone: ["a", "b"],
    },
    { what: "remove() by id", work: () => store.peers.remove({ peerIds: ["a"] }), gone: ["a"] },
    { what: "remove() by time", work: () => store.peers.remove({ seenBefore: 5 }), gone: ["b"] },
    { what: "noteReach()", work: () => store.peers.noteReach({ peerId: "a" } as never), gone: ["a"] },
    { what: "commit()", work: () => store.lists.commit({ peerId: "a" } as never), gone: ["a"] },
    {
      what: "patch(), even if it fails",
      work: () => store.lists.patch({ peerId: "a" } as never).catch(() => {}),
      gone: ["a"],
    },
    { what: "add() of a report", work: () => store.reports.add({ peerId: "a" } as never), gone: ["a"] },
  ])("$what makes it ask again for what changed, and for nothing else", async ({ work, gone }) => {
    await forgotten("a", "b");
    await work();
    expect(await forgotten("a", "b")).toEqual(gone);
  });

  it("touch() is known without asking, and never goes back", async () => {
    await forgotten("a", "b");
    await store.peers.touch([
      { peerId: "a", seenAt: 2000 },
      { peerId: "b", seenAt: 500 },
    ]);
    expect((await store.peers.find({ peerId: "a" }))?.lastSeenAt).toBe(2000);
    expect((await store.peers.find({ peerId: "b" }))?.lastSeenAt).toBe(1000);
    expect(await forgotten("a", "b")).toEqual([]);
  });

  it("find() doesn't remember what it saw before a change that was done meanwhile", async () => {
    isHeldBack = true;
    const before = store.peers.find({ peerId: "a" });
    stored.set("a", { ...peerOf("a"), revision: 2 });
    await store.lists.commit({ peerId: "a", uploadId: "u", revision: 2 });
    isHeldBack = false;
    answer!();
    expect((await before)?.revision).toBe(1);
    expect((await store.peers.find({ peerId: "a" }))?.revision).toBe(2);
  });
});
