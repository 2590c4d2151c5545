import { describe, expect, test } from "vitest";
import { EVERYTHING, type StoreUnderTest, fileOf, peerOf } from "./sample-entries.ts";

/** The contract of PeerStore. */
export function describePeerStore(at: StoreUnderTest): void {
  describe("peers", () => {
    test("find() gives what save() kept, by id and by lease", async () => {
      await at.store.peers.save(
        peerOf("ana", { acceptsUploads: true, isLocalOnly: true, dialableUrls: ["http://10.0.0.1"] }),
      );
      const found = await at.store.peers.find({ peerId: "ana" });
      expect(found).toMatchObject({
        peerId: "ana",
        name: "name of ana",
        urls: ["http://10.0.0.1/ana"],
        dialableUrls: ["http://10.0.0.1"],
        acceptsUploads: true,
        isLocalOnly: true,
        revision: 0,
        fileCount: 0,
        totalSize: 0,
        registeredAt: 1_000,
        lastSeenAt: 1_000,
        nonce: "nonce of ana",
        registeredFrom: "10.0.0.1",
        findings: [],
        checkedAt: 0,
        reportedAt: 0,
      });
      expect(await at.store.peers.find({ leaseHash: found!.leaseHash })).toEqual(found);
      expect(await at.store.peers.find({ peerId: "bea" })).toBeUndefined();
      expect(await at.store.peers.find({ leaseHash: new Uint8Array(32) })).toBeUndefined();
    });

    test("save() of a known peer changes its profile and keeps its files and its first time", async () => {
      await at.share("ana", [fileOf("a.txt", 1)]);
      await at.store.peers.save(peerOf("ana", { name: "Ana", seenAt: 5_000 }));
      expect(await at.store.peers.find({ peerId: "ana" })).toMatchObject({
        name: "Ana",
        registeredAt: 1_000,
        lastSeenAt: 5_000,
        fileCount: 1,
      });
    });

    test("save() names the live peer that has the address, and changes nothing", async () => {
      await at.store.peers.save(peerOf("ana", { addressKeys: ["x", "y"] }));
      const conflicts = await at.store.peers.save(peerOf("bea", { addressKeys: ["w", "x", "y"] }));
      expect(conflicts).toEqual([{ peerId: "ana", keys: ["x", "y"], lastSeenAt: 1_000 }]);
      expect(await at.store.peers.find({ peerId: "bea" })).toBeUndefined();
    });

    test("save() takes the address of a peer that isn't alive, or is to be replaced", async () => {
      await at.store.peers.save(peerOf("dead", { addressKeys: ["x"], seenAt: 10 }));
      expect(await at.store.peers.save(peerOf("ana", { addressKeys: ["x"], aliveSince: 11 }))).toEqual([]);
      expect(await at.store.peers.find({ peerId: "dead" })).toBeUndefined();
      expect(await at.store.peers.save(peerOf("bea", { addressKeys: ["x"], replaces: ["ana"] }))).toEqual([]);
      expect(await at.store.peers.find({ peerId: "ana" })).toBeUndefined();
    });

    test("save() frees the addresses a peer doesn't have any more", async () => {
      await at.store.peers.save(peerOf("ana", { addressKeys: ["x"] }));
      await at.store.peers.save(peerOf("ana", { addressKeys: ["y"] }));
      expect(await at.store.peers.save(peerOf("bea", { addressKeys: ["x"] }))).toEqual([]);
    });

    test("save() refuses a newcomer when there are enough, not a known one", async () => {
      await at.store.peers.save(peerOf("ana", { maxPeers: 1 }));
      await at.store.peers.save(peerOf("ana", { maxPeers: 1 }));
      await expect(at.store.peers.save(peerOf("bea", { maxPeers: 1 }))).rejects.toMatchObject({
        code: "busy",
      });
    });

    test("touch() moves a peer's time forward only, and passes over strangers", async () => {
      await at.store.peers.save(peerOf("ana"));
      await at.store.peers.touch([
        { peerId: "ana", seenAt: 3_000 },
        { peerId: "ana", seenAt: 2_000 },
        { peerId: "nobody", seenAt: 9_000 },
      ]);
      expect((await at.store.peers.find({ peerId: "ana" }))?.lastSeenAt).toBe(3_000);
    });

    test("fallSilent() gives each silent peer once, and touch() and save() end the silence", async () => {
      for (const [peerId, seenAt] of [
        ["ana", 1_000],
        ["bea", 2_000],
      ] as const) {
        await at.store.peers.save(peerOf(peerId, { seenAt }));
      }
      const silent = async (seenBefore: number) =>
        (await at.store.peers.fallSilent({ seenBefore })).map(({ peerId }) => peerId);
      expect(await silent(1_000)).toEqual([]);
      expect(await silent(1_001)).toEqual(["ana"]);
      expect(await silent(2_001)).toEqual(["bea"]);
      expect(await silent(2_001)).toEqual([]);
      const back = await at.store.peers.touch([
        { peerId: "ana", seenAt: 3_000 },
        { peerId: "nobody", seenAt: 3_000 },
      ]);
      expect(back).toMatchObject([{ peerId: "ana", lastSeenAt: 3_000 }]);
      expect(await at.store.peers.touch([{ peerId: "ana", seenAt: 4_000 }])).toEqual([]);
      await at.store.peers.save(peerOf("bea", { seenAt: 4_000 }));
      expect(await silent(5_000)).toEqual(expect.arrayContaining(["ana", "bea"]));
    });

    test("seenBetween() has the start and not the end", async () => {
      for (const [peerId, seenAt] of [
        ["a", 1],
        ["b", 2],
        ["c", 3],
      ] as const) {
        await at.store.peers.save(peerOf(peerId, { seenAt }));
      }
      const seen = await at.store.peers.seenBetween({ start: 1, end: 3 });
      expect(seen.map(({ peerId }) => peerId).sort()).toEqual(["a", "b"]);
    });

    test("remove() takes peers by id and by time, and gives their ids", async () => {
      for (const [peerId, seenAt] of [
        ["a", 1],
        ["b", 2],
        ["c", 3],
      ] as const) {
        await at.store.peers.save(peerOf(peerId, { seenAt }));
      }
      expect(await at.store.peers.remove({ seenBefore: 2 })).toEqual(["a"]);
      expect(await at.store.peers.remove({ peerIds: ["b", "nobody"] })).toEqual(["b"]);
      expect((await at.store.peers.list(EVERYTHING, { limit: 10 })).rows.map(({ peerId }) => peerId)).toEqual(
        ["c"],
      );
    });

    test("list() pages in the order of registration, and shows only what is in the view", async () => {
      for (let n = 0; n < 5; n++) await at.store.peers.save(peerOf(`peer-${n}`, { seenAt: 100 + (n >> 1) }));
      await at.store.peers.save(peerOf("local", { isLocalOnly: true, seenAt: 200 }));
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const view = { aliveSince: 101, includeLocalOnly: false };
        const page = await at.store.peers.list(view, { limit: 2, cursor });
        expect(page.rows.length).toBeLessThanOrEqual(2);
        seen.push(...page.rows.map(({ peerId }) => peerId));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(seen).toEqual(["peer-2", "peer-3", "peer-4"]);
    });

    describe("noteReach()", () => {
      const findings = [
        { url: "http://10.0.0.1:1", reachable: "yes", reason: "answered" },
        { url: "http://10.0.0.1:2", reachable: "no", reason: "no connection: refused" },
        { url: "http://peer.example", reachable: "unknown", reason: "nobody may call “there”" },
      ] as const;

      test("keeps what was found and when, in every way to the peer", async () => {
        await at.share("ana", [fileOf("a.txt", 1)]);
        const check = { peerId: "ana", nonce: "nonce of ana", findings, checkedAt: 7_000 };
        expect(await at.store.peers.noteReach(check)).toBe(true);
        const found = { findings, checkedAt: 7_000 };
        expect(await at.store.peers.find({ peerId: "ana" })).toMatchObject(found);
        expect((await at.store.peers.list(EVERYTHING, { limit: 10 })).rows).toMatchObject([found]);
        const { fileId } = fileOf("a.txt", 1);
        expect((await at.store.index.file(EVERYTHING, fileId))?.holders).toMatchObject([{ peer: found }]);
        expect(await at.store.peers.noteReach({ ...check, findings: [], checkedAt: 8_000 })).toBe(true);
        expect(await at.store.peers.find({ peerId: "ana" })).toMatchObject({
          findings: [],
          checkedAt: 8_000,
        });
      });

      test("is of one registration: the next begins anew, and a late answer to the last one says nothing", async () => {
        await at.store.peers.save(peerOf("ana", { nonce: "first" }));
        const check = { peerId: "ana", nonce: "first", findings, checkedAt: 7_000 };
        await at.store.peers.noteReach(check);
        await at.store.peers.save(peerOf("ana", { nonce: "second", registeredFrom: "10.0.0.9" }));
        expect(await at.store.peers.noteReach(check)).toBe(false);
        expect(await at.store.peers.find({ peerId: "ana" })).toMatchObject({
          nonce: "second",
          registeredFrom: "10.0.0.9",
          findings: [],
          checkedAt: 0,
        });
        expect(await at.store.peers.noteReach({ ...check, peerId: "nobody" })).toBe(false);
      });
    });
  });
}
