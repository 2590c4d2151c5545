import { describe, expect, test } from "vitest";
import { DAY, EVERYTHING, type StoreUnderTest, fileOf, sampleFileId } from "./sample-entries.ts";

/** The contract of FileIndex, search aside. */
export function describeFileIndex(at: StoreUnderTest): void {
  describe("index", () => {
    test("nothing of peers outside the view is in any answer", async () => {
      await at.share("ana", [fileOf("a.txt", 1)], { seenAt: 10 });
      await at.share("bea", [fileOf("b.txt", 2)], { seenAt: 20, isLocalOnly: true });
      await at.store.lists.setBareNames("ana", [{ name: "bare.txt", size: undefined }]);
      for (const [view, isThere] of [
        [
          { aliveSince: 11, includeLocalOnly: true },
          { a: false, b: true },
        ],
        [
          { aliveSince: 0, includeLocalOnly: false },
          { a: true, b: false },
        ],
      ] as const) {
        const paths = [...(isThere.a ? ["a.txt"] : []), ...(isThere.b ? ["b.txt"] : [])];
        for (const sort of ["relevance", "name", "size", "mtime", "-peers"] as const) {
          expect(await at.pathsOf({ sort }, view)).toEqual(paths);
          expect(await at.pathsOf({ q: "txt", sort }, view)).toEqual(paths);
        }
        expect((await at.store.index.file(view, sampleFileId(1))) !== undefined).toBe(isThere.a);
        expect((await at.store.index.file(view, sampleFileId(2))) !== undefined).toBe(isThere.b);
        expect((await at.store.index.holdersOf(view, "bare.txt")).length).toBe(isThere.a ? 1 : 0);
        expect((await at.store.index.holdersOf(view, "b.txt")).length).toBe(isThere.b ? 1 : 0);
        expect((await at.store.index.peerFiles(view, "ana", { limit: 9, prefix: "" })).rows.length).toBe(
          isThere.a ? 1 : 0,
        );
        expect(await at.store.index.stats(view)).toMatchObject({ peers: 1, files: 1, entries: 1 });
      }
    });

    test("file() gives names by use and each live peer once", async () => {
      await at.share("ana", [fileOf("x.txt", 1), fileOf("other/y.txt", 1)]);
      await at.share("bea", [fileOf("x.txt", 1)], { seenAt: 2_000 });
      const file = await at.store.index.file(EVERYTHING, sampleFileId(1));
      expect(file?.names).toEqual([
        { path: "x.txt", peerCount: 2 },
        { path: "other/y.txt", peerCount: 1 },
      ]);
      expect(file?.holders.map(({ peer, path }) => [peer.peerId, path])).toEqual([
        ["bea", "x.txt"],
        ["ana", "other/y.txt"],
      ]);
    });

    test("peerFiles() pages by path under a prefix", async () => {
      const paths = ["a.txt", "docs/a", "docs/b", "docs/c/d", "docs2/x", "zz"];
      await at.share(
        "ana",
        paths.map((path, n) => fileOf(path, n)),
      );
      const first = await at.store.index.peerFiles(EVERYTHING, "ana", { prefix: "docs/", limit: 2 });
      expect(first.rows.map(({ path }) => path)).toEqual(["docs/a", "docs/b"]);
      const second = await at.store.index.peerFiles(EVERYTHING, "ana", {
        prefix: "docs/",
        limit: 2,
        cursor: first.nextCursor,
      });
      expect(second.rows).toEqual([
        { path: "docs/c/d", fileId: sampleFileId(3), size: 1003, mtime: Date.parse(DAY) },
      ]);
      expect(second.nextCursor).toBeUndefined();
    });

    test("holdersOf() goes by the exact base name, case aside, with bare names last", async () => {
      await at.share("ana", [
        fileOf("docs/Résumé.txt", 1),
        fileOf("docs/resume.txt", 2),
        fileOf("résumé.txt.bak", 3),
      ]);
      await at.share("bea", []);
      await at.store.lists.setBareNames("bea", [{ name: "RÉSUMÉ.TXT", size: 5 }]);
      const found = await at.store.index.holdersOf(EVERYTHING, "RéSumé.txt");
      expect(found.map(({ peer, fileId, size }) => [peer.peerId, fileId, size])).toEqual([
        ["ana", sampleFileId(1), 1001],
        ["bea", undefined, 5],
      ]);
      expect(await at.pathsOf({ q: "resume" })).not.toContain("RÉSUMÉ.TXT");
      await at.store.lists.setBareNames("bea", []);
      expect((await at.store.index.holdersOf(EVERYTHING, "résumé.txt")).length).toBe(1);
    });

    test("names that mean harm elsewhere are names here", async () => {
      const hostile = [
        '<img src=x onerror="alert(1)">',
        "a\nb",
        "\u202egpj.exe",
        "'; DROP TABLE names; --",
        "%s%n",
        "CON.txt",
        "trailing. . .",
        "back\\slash",
      ];
      await at.share(
        "ana",
        hostile.map((path, n) => fileOf(path, n)),
      );
      const { rows } = await at.store.index.peerFiles(EVERYTHING, "ana", { limit: 50, prefix: "" });
      expect(rows.map(({ path }) => path).toSorted()).toEqual(hostile.toSorted());
      expect(await at.pathsOf({ q: "onerror" })).toEqual([hostile[0]]);
      expect(await at.pathsOf({ q: "drop table" })).toEqual([hostile[3]]);
    });
  });
}
