import { describe, expect, test } from "vitest";
import { EVERYTHING, type StoreUnderTest, fileOf, peerOf, queryOf, sampleFileId } from "./sample-entries.ts";

/** The contract of ListStore. */
export function describeListStore(at: StoreUnderTest): void {
  describe("lists", () => {
    test("stage() shows nothing until commit(), which replaces the whole list", async () => {
      await at.share("ana", [fileOf("old.txt", 1)]);
      expect(
        await at.store.lists.stage({ peerId: "ana", files: [fileOf("new1.txt", 2)], uploadId: "u", now: 1 }),
      ).toBe(1);
      expect(
        await at.store.lists.stage({ peerId: "ana", files: [fileOf("new2.txt", 3)], uploadId: "u", now: 2 }),
      ).toBe(2);
      expect(await at.pathsOf({ sort: "name" })).toEqual(["old.txt"]);
      expect(await at.store.lists.commit({ peerId: "ana", uploadId: "u", revision: 7 })).toEqual({
        revision: 7,
        fileCount: 2,
      });
      expect(await at.pathsOf({ sort: "name" })).toEqual(["new1.txt", "new2.txt"]);
      expect(await at.store.peers.find({ peerId: "ana" })).toMatchObject({
        revision: 7,
        fileCount: 2,
        totalSize: 2005,
      });
      await at.collectAll();
      expect(await at.pathsOf({ sort: "name" })).toEqual(["new1.txt", "new2.txt"]);
    });

    test("stage() with another upload starts over", async () => {
      await at.store.peers.save(peerOf("ana"));
      await at.store.lists.stage({ peerId: "ana", files: [fileOf("one.txt", 1)], uploadId: "first", now: 1 });
      await at.store.lists.stage({
        peerId: "ana",
        files: [fileOf("two.txt", 2)],
        uploadId: "second",
        now: 1,
      });
      const commit = at.store.lists.commit({ peerId: "ana", uploadId: "first", revision: 1 });
      await expect(commit).rejects.toMatchObject({ code: "conflict" });
      await at.store.lists.commit({ peerId: "ana", uploadId: "second", revision: 1 });
      expect(await at.pathsOf({})).toEqual(["two.txt"]);
    });

    test("stage() takes more than one batch, and the last of two same paths", async () => {
      const files = Array.from({ length: 1_200 }, (_, n) => fileOf(`f${n}.bin`, n, { size: 10 }));
      await at.share("ana", [
        ...files,
        fileOf("f0.bin", 5_000, { size: 7 }),
        fileOf("f1.bin", 1, { size: 10 }),
      ]);
      expect(await at.store.peers.find({ peerId: "ana" })).toMatchObject({
        fileCount: 1_200,
        totalSize: 11_997,
      });
      expect((await at.pathsOf({ q: "f0.bin" })).length).toBe(1);
      expect((await at.store.index.search(EVERYTHING, queryOf({ q: "f0.bin" }))).rows[0]?.size).toBe(7);
    });

    test("collectGarbage() drops what was staged and given up, in turns", async () => {
      await at.store.peers.save(peerOf("ana"));
      await at.store.lists.stage({ peerId: "ana", files: [fileOf("one.txt", 1)], uploadId: "u", now: 100 });
      expect(await at.store.lists.collectGarbage({ abandonedBefore: 100 })).toBe(false);
      expect(await at.store.lists.collectGarbage({ abandonedBefore: 101 })).toBe(true);
      expect(await at.store.lists.collectGarbage({ abandonedBefore: 101 })).toBe(false);
      const commit = at.store.lists.commit({ peerId: "ana", uploadId: "u", revision: 1 });
      await expect(commit).rejects.toMatchObject({ code: "conflict" });
    });

    test("patch() adds, changes and removes, and moves the revision", async () => {
      await at.share("ana", [fileOf("keep.txt", 1), fileOf("change.txt", 2), fileOf("drop.txt", 3)]);
      const state = await at.store.lists.patch({
        peerId: "ana",
        baseRevision: 1,
        revision: 4,
        added: [fileOf("change.txt", 20, { size: 5 }), fileOf("new.txt", 4)],
        removed: ["drop.txt", "never-there.txt"],
      });
      expect(state).toEqual({ revision: 4, fileCount: 3 });
      expect(await at.pathsOf({ sort: "name" })).toEqual(["change.txt", "keep.txt", "new.txt"]);
      expect((await at.store.peers.find({ peerId: "ana" }))?.totalSize).toBe(1001 + 5 + 1004);
      expect(await at.store.index.file(EVERYTHING, sampleFileId(2))).toBeUndefined();
    });

    test("patch() takes a path that is removed and added at once for a move of content", async () => {
      await at.share("ana", [fileOf("a.txt", 1)]);
      await at.store.lists.patch({
        peerId: "ana",
        baseRevision: 1,
        revision: 2,
        added: [fileOf("b.txt", 1)],
        removed: ["a.txt"],
      });
      expect(await at.pathsOf({})).toEqual(["b.txt"]);
    });

    test("patch() of another revision changes nothing", async () => {
      await at.share("ana", [fileOf("a.txt", 1)]);
      for (const baseRevision of [0, 2]) {
        const patch = at.store.lists.patch({
          peerId: "ana",
          baseRevision,
          revision: 9,
          added: [],
          removed: ["a.txt"],
        });
        await expect(patch).rejects.toMatchObject({ code: "conflict" });
      }
      expect(await at.pathsOf({})).toEqual(["a.txt"]);
    });

    test("every change refuses strangers", async () => {
      const stage = at.store.lists.stage({ peerId: "x", files: [], uploadId: "u", now: 1 });
      await expect(stage).rejects.toMatchObject({ code: "not-found" });
      await expect(at.store.lists.setBareNames("x", [])).rejects.toMatchObject({ code: "not-found" });
      const commit = at.store.lists.commit({ peerId: "x", uploadId: "u", revision: 1 });
      await expect(commit).rejects.toMatchObject({ code: "not-found" });
    });

    test("a removed peer's files are in no answer, before and after clearing up", async () => {
      await at.share("ana", [fileOf("mine.txt", 1), fileOf("shared.txt", 2)]);
      await at.share("bea", [fileOf("shared.txt", 2)]);
      await at.store.peers.remove({ peerIds: ["ana"] });
      for (let round = 0; round < 2; round++) {
        expect(await at.pathsOf({ sort: "name" })).toEqual(["shared.txt"]);
        expect(await at.pathsOf({ q: "mine" })).toEqual([]);
        expect(await at.store.index.file(EVERYTHING, sampleFileId(1))).toBeUndefined();
        expect((await at.store.index.file(EVERYTHING, sampleFileId(2)))?.holders.length).toBe(1);
        expect(await at.store.index.stats(EVERYTHING)).toEqual({
          peers: 1,
          files: 1,
          entries: 1,
          totalSize: 1002,
        });
        await at.collectAll();
      }
    });
  });
}
