import { type AnnouncedFile, PanalError, parseFileId } from "@panal/sdk";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PeerChange, SearchQuery, Store, View } from "../store.ts";

/** One place a store keeps its data in, empty at first. */
export interface StorePlace {
  /** A new store over this place; the one before is closed. Undefined when nothing outlives a store here. */
  reopen?: () => Store;
  remove(): Promise<void>;
}

const EVERYTHING: View = { aliveSince: 0, includeLocalOnly: true };
const DAY = "2026-01-02T03:04:05.000Z";

/** A content id that differs with `n`. */
export function sampleFileId(n: number, size = 1000 + n) {
  return parseFileId(`${n.toString(16).padStart(64, "0")}-${size}`);
}

function fileOf(path: string, n: number, options: { size?: number; mtime?: string } = {}): AnnouncedFile {
  return { path, fileId: sampleFileId(n, options.size), mtime: options.mtime ?? DAY };
}

function peerOf(peerId: string, changes: Partial<PeerChange> = {}): PeerChange {
  return {
    peerId,
    leaseHash: new TextEncoder().encode(peerId.padEnd(32, "#")),
    name: `name of ${peerId}`,
    version: "1",
    acceptsUploads: false,
    urls: [`http://10.0.0.1/${peerId}`],
    isLocalOnly: false,
    addressKeys: [`http://10.0.0.1/${peerId}`],
    seenAt: 1_000,
    aliveSince: 0,
    replaces: [],
    maxPeers: 100,
    ...changes,
  };
}

function queryOf(changes: Partial<SearchQuery>): SearchQuery {
  return { q: "", sort: "relevance", limit: 50, ...changes };
}

/** The contract of Store, for every implementation. */
export function describeStore(name: string, createPlace: () => Promise<StorePlace & { store: Store }>): void {
  describe(`${name} as a Store`, () => {
    let place: StorePlace;
    let store: Store;

    beforeEach(async () => {
      ({ store, ...place } = await createPlace());
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    async function put(peerId: string, files: readonly AnnouncedFile[], revision = 1): Promise<void> {
      await store.lists.stage({ peerId, files, uploadId: "whole", now: 1 });
      await store.lists.commit({ peerId, uploadId: "whole", revision });
    }
    async function share(peerId: string, files: readonly AnnouncedFile[], changes: Partial<PeerChange> = {}) {
      expect(await store.peers.save(peerOf(peerId, changes))).toEqual([]);
      await put(peerId, files);
    }
    async function pathsOf(query: Partial<SearchQuery>, view = EVERYTHING): Promise<string[]> {
      return (await store.index.search(view, queryOf(query))).rows.map(({ path }) => path);
    }
    async function collectAll(): Promise<void> {
      for (let turns = 0; await store.lists.collectGarbage({ abandonedBefore: 0 }); turns++) {
        if (turns > 1000) throw new Error("garbage never ends");
      }
    }

    describe("peers", () => {
      test("find() gives what save() kept, by id and by lease", async () => {
        await store.peers.save(peerOf("ana", { acceptsUploads: true, isLocalOnly: true }));
        const found = await store.peers.find({ peerId: "ana" });
        expect(found).toMatchObject({
          peerId: "ana",
          name: "name of ana",
          urls: ["http://10.0.0.1/ana"],
          acceptsUploads: true,
          isLocalOnly: true,
          revision: 0,
          fileCount: 0,
          totalSize: 0,
          registeredAt: 1_000,
          lastSeenAt: 1_000,
        });
        expect(await store.peers.find({ leaseHash: found!.leaseHash })).toEqual(found);
        expect(await store.peers.find({ peerId: "bea" })).toBeUndefined();
        expect(await store.peers.find({ leaseHash: new Uint8Array(32) })).toBeUndefined();
      });

      test("save() of a known peer changes its profile and keeps its files and its first time", async () => {
        await share("ana", [fileOf("a.txt", 1)]);
        await store.peers.save(peerOf("ana", { name: "Ana", seenAt: 5_000 }));
        expect(await store.peers.find({ peerId: "ana" })).toMatchObject({
          name: "Ana",
          registeredAt: 1_000,
          lastSeenAt: 5_000,
          fileCount: 1,
        });
      });

      test("save() names the live peer that has the address, and changes nothing", async () => {
        await store.peers.save(peerOf("ana", { addressKeys: ["x", "y"] }));
        const conflicts = await store.peers.save(peerOf("bea", { addressKeys: ["w", "x", "y"] }));
        expect(conflicts).toEqual([{ peerId: "ana", keys: ["x", "y"], lastSeenAt: 1_000 }]);
        expect(await store.peers.find({ peerId: "bea" })).toBeUndefined();
      });

      test("save() takes the address of a peer that isn't alive, or is to be replaced", async () => {
        await store.peers.save(peerOf("dead", { addressKeys: ["x"], seenAt: 10 }));
        expect(await store.peers.save(peerOf("ana", { addressKeys: ["x"], aliveSince: 11 }))).toEqual([]);
        expect(await store.peers.find({ peerId: "dead" })).toBeUndefined();
        expect(await store.peers.save(peerOf("bea", { addressKeys: ["x"], replaces: ["ana"] }))).toEqual([]);
        expect(await store.peers.find({ peerId: "ana" })).toBeUndefined();
      });

      test("save() frees the addresses a peer doesn't have any more", async () => {
        await store.peers.save(peerOf("ana", { addressKeys: ["x"] }));
        await store.peers.save(peerOf("ana", { addressKeys: ["y"] }));
        expect(await store.peers.save(peerOf("bea", { addressKeys: ["x"] }))).toEqual([]);
      });

      test("save() refuses a newcomer when there are enough, not a known one", async () => {
        await store.peers.save(peerOf("ana", { maxPeers: 1 }));
        await store.peers.save(peerOf("ana", { maxPeers: 1 }));
        await expect(store.peers.save(peerOf("bea", { maxPeers: 1 }))).rejects.toMatchObject({
          code: "busy",
        });
      });

      test("touch() moves a peer's time forward only, and passes over strangers", async () => {
        await store.peers.save(peerOf("ana"));
        await store.peers.touch([
          { peerId: "ana", seenAt: 3_000 },
          { peerId: "ana", seenAt: 2_000 },
          { peerId: "nobody", seenAt: 9_000 },
        ]);
        expect((await store.peers.find({ peerId: "ana" }))?.lastSeenAt).toBe(3_000);
      });

      test("seenBetween() has the start and not the end", async () => {
        for (const [peerId, seenAt] of [
          ["a", 1],
          ["b", 2],
          ["c", 3],
        ] as const) {
          await store.peers.save(peerOf(peerId, { seenAt }));
        }
        const seen = await store.peers.seenBetween({ start: 1, end: 3 });
        expect(seen.map(({ peerId }) => peerId).sort()).toEqual(["a", "b"]);
      });

      test("remove() takes peers by id and by time, and gives their ids", async () => {
        for (const [peerId, seenAt] of [
          ["a", 1],
          ["b", 2],
          ["c", 3],
        ] as const) {
          await store.peers.save(peerOf(peerId, { seenAt }));
        }
        expect(await store.peers.remove({ seenBefore: 2 })).toEqual(["a"]);
        expect(await store.peers.remove({ peerIds: ["b", "nobody"] })).toEqual(["b"]);
        expect((await store.peers.list(EVERYTHING, { limit: 10 })).rows.map(({ peerId }) => peerId)).toEqual([
          "c",
        ]);
      });

      test("list() pages in the order of registration, and shows only what is in the view", async () => {
        for (let n = 0; n < 5; n++) await store.peers.save(peerOf(`peer-${n}`, { seenAt: 100 + (n >> 1) }));
        await store.peers.save(peerOf("local", { isLocalOnly: true, seenAt: 200 }));
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const view = { aliveSince: 101, includeLocalOnly: false };
          const page = await store.peers.list(view, { limit: 2, cursor });
          expect(page.rows.length).toBeLessThanOrEqual(2);
          seen.push(...page.rows.map(({ peerId }) => peerId));
          cursor = page.nextCursor;
        } while (cursor !== undefined);
        expect(seen).toEqual(["peer-2", "peer-3", "peer-4"]);
      });
    });

    describe("lists", () => {
      test("stage() shows nothing until commit(), which replaces the whole list", async () => {
        await share("ana", [fileOf("old.txt", 1)]);
        expect(
          await store.lists.stage({ peerId: "ana", files: [fileOf("new1.txt", 2)], uploadId: "u", now: 1 }),
        ).toBe(1);
        expect(
          await store.lists.stage({ peerId: "ana", files: [fileOf("new2.txt", 3)], uploadId: "u", now: 2 }),
        ).toBe(2);
        expect(await pathsOf({ sort: "name" })).toEqual(["old.txt"]);
        expect(await store.lists.commit({ peerId: "ana", uploadId: "u", revision: 7 })).toEqual({
          revision: 7,
          fileCount: 2,
        });
        expect(await pathsOf({ sort: "name" })).toEqual(["new1.txt", "new2.txt"]);
        expect(await store.peers.find({ peerId: "ana" })).toMatchObject({
          revision: 7,
          fileCount: 2,
          totalSize: 2005,
        });
        await collectAll();
        expect(await pathsOf({ sort: "name" })).toEqual(["new1.txt", "new2.txt"]);
      });

      test("stage() with another upload starts over", async () => {
        await store.peers.save(peerOf("ana"));
        await store.lists.stage({ peerId: "ana", files: [fileOf("one.txt", 1)], uploadId: "first", now: 1 });
        await store.lists.stage({ peerId: "ana", files: [fileOf("two.txt", 2)], uploadId: "second", now: 1 });
        const commit = store.lists.commit({ peerId: "ana", uploadId: "first", revision: 1 });
        await expect(commit).rejects.toMatchObject({ code: "conflict" });
        await store.lists.commit({ peerId: "ana", uploadId: "second", revision: 1 });
        expect(await pathsOf({})).toEqual(["two.txt"]);
      });

      test("stage() takes more than one batch, and the last of two same paths", async () => {
        const files = Array.from({ length: 1_200 }, (_, n) => fileOf(`f${n}.bin`, n, { size: 10 }));
        await share("ana", [
          ...files,
          fileOf("f0.bin", 5_000, { size: 7 }),
          fileOf("f1.bin", 1, { size: 10 }),
        ]);
        expect(await store.peers.find({ peerId: "ana" })).toMatchObject({
          fileCount: 1_200,
          totalSize: 11_997,
        });
        expect((await pathsOf({ q: "f0.bin" })).length).toBe(1);
        expect((await store.index.search(EVERYTHING, queryOf({ q: "f0.bin" }))).rows[0]?.size).toBe(7);
      });

      test("collectGarbage() drops what was staged and given up, in turns", async () => {
        await store.peers.save(peerOf("ana"));
        await store.lists.stage({ peerId: "ana", files: [fileOf("one.txt", 1)], uploadId: "u", now: 100 });
        expect(await store.lists.collectGarbage({ abandonedBefore: 100 })).toBe(false);
        expect(await store.lists.collectGarbage({ abandonedBefore: 101 })).toBe(true);
        expect(await store.lists.collectGarbage({ abandonedBefore: 101 })).toBe(false);
        const commit = store.lists.commit({ peerId: "ana", uploadId: "u", revision: 1 });
        await expect(commit).rejects.toMatchObject({ code: "conflict" });
      });

      test("patch() adds, changes and removes, and moves the revision", async () => {
        await share("ana", [fileOf("keep.txt", 1), fileOf("change.txt", 2), fileOf("drop.txt", 3)]);
        const state = await store.lists.patch({
          peerId: "ana",
          baseRevision: 1,
          revision: 4,
          added: [fileOf("change.txt", 20, { size: 5 }), fileOf("new.txt", 4)],
          removed: ["drop.txt", "never-there.txt"],
        });
        expect(state).toEqual({ revision: 4, fileCount: 3 });
        expect(await pathsOf({ sort: "name" })).toEqual(["change.txt", "keep.txt", "new.txt"]);
        expect((await store.peers.find({ peerId: "ana" }))?.totalSize).toBe(1001 + 5 + 1004);
        expect(await store.index.file(EVERYTHING, sampleFileId(2))).toBeUndefined();
      });

      test("patch() takes a path that is removed and added at once for a move of content", async () => {
        await share("ana", [fileOf("a.txt", 1)]);
        await store.lists.patch({
          peerId: "ana",
          baseRevision: 1,
          revision: 2,
          added: [fileOf("b.txt", 1)],
          removed: ["a.txt"],
        });
        expect(await pathsOf({})).toEqual(["b.txt"]);
      });

      test("patch() of another revision changes nothing", async () => {
        await share("ana", [fileOf("a.txt", 1)]);
        for (const baseRevision of [0, 2]) {
          const patch = store.lists.patch({
            peerId: "ana",
            baseRevision,
            revision: 9,
            added: [],
            removed: ["a.txt"],
          });
          await expect(patch).rejects.toMatchObject({ code: "conflict" });
        }
        expect(await pathsOf({})).toEqual(["a.txt"]);
      });

      test("every change refuses strangers", async () => {
        const stage = store.lists.stage({ peerId: "x", files: [], uploadId: "u", now: 1 });
        await expect(stage).rejects.toMatchObject({ code: "not-found" });
        await expect(store.lists.setBareNames("x", [])).rejects.toMatchObject({ code: "not-found" });
        const commit = store.lists.commit({ peerId: "x", uploadId: "u", revision: 1 });
        await expect(commit).rejects.toMatchObject({ code: "not-found" });
      });

      test("a removed peer's files are in no answer, before and after clearing up", async () => {
        await share("ana", [fileOf("mine.txt", 1), fileOf("shared.txt", 2)]);
        await share("bea", [fileOf("shared.txt", 2)]);
        await store.peers.remove({ peerIds: ["ana"] });
        for (let round = 0; round < 2; round++) {
          expect(await pathsOf({ sort: "name" })).toEqual(["shared.txt"]);
          expect(await pathsOf({ q: "mine" })).toEqual([]);
          expect(await store.index.file(EVERYTHING, sampleFileId(1))).toBeUndefined();
          expect((await store.index.file(EVERYTHING, sampleFileId(2)))?.holders.length).toBe(1);
          expect(await store.index.stats(EVERYTHING)).toEqual({
            peers: 1,
            files: 1,
            entries: 1,
            totalSize: 1002,
          });
          await collectAll();
        }
      });
    });

    describe("index", () => {
      const PATHS = [
        "Música/Canción del Año.mp3",
        "docs/The Bees of Winter.pdf",
        "docs/bees.txt",
        "photos/x-bee.JPG",
      ];

      test.each<[q: string, found: string[]]>([
        ["cancion", [PATHS[0]!]],
        ["CANCIÓN ano", [PATHS[0]!]],
        ["ｃａｎｃｉóｎ", [PATHS[0]!]],
        ["music", [PATHS[0]!]],
        ["bees", [PATHS[2]!, PATHS[1]!]],
        ["winter bees", [PATHS[1]!]],
        ["ees", [PATHS[2]!, PATHS[1]!]],
        ["bees.txt", [PATHS[2]!]],
        ["bees music", []],
        ["wi", [PATHS[1]!]],
        ["in", []],
        ["bees of", [PATHS[1]!]],
        ["bees te", []],
        ["b", [PATHS[2]!, PATHS[3]!, PATHS[1]!]],
        ["x -", [PATHS[3]!]],
        ["-", [PATHS[3]!]],
        ["docs/bees", [PATHS[2]!]],
        ["nowhere", []],
      ])("search() finds %j", async (q, found) => {
        await share(
          "ana",
          PATHS.map((path, n) => fileOf(path, n)),
        );
        expect((await pathsOf({ q })).toSorted()).toEqual(found.toSorted());
      });

      test.each([
        '"',
        '""',
        "*",
        "NEAR",
        "NEAR(a b)",
        "a AND",
        "OR",
        "NOT x",
        "(",
        "a:b",
        "folded:bees",
        "^bees",
        "-bees",
        "{a}",
        "\\",
        "%",
        "_",
        "'; DROP TABLE peers",
        "🐝",
        "🐝🐝🐝",
        "\u0000",
        "a\u0000b",
        "\ud800",
        "🐝*",
        '"🐝"*',
        ",,,",
        "+++",
      ])("search() takes %j for words, not for a language", async (q) => {
        await share("ana", [
          fileOf("bees.txt", 1),
          fileOf(`hostile ${q.replaceAll("\u0000", "").toWellFormed()} name`, 2),
        ]);
        const found = await pathsOf({ q });
        expect(found.every((path) => typeof path === "string")).toBe(true);
        const isJustGaps = q.replaceAll("\u0000", "").trim() === "";
        // What was announced with it in the name is found by it.
        if (!isJustGaps && q !== "a\u0000b")
          expect(found.some((path) => path.startsWith("hostile"))).toBe(true);
      });

      test("search() gives one row per content: its best name, all names, how many have it", async () => {
        await share("ana", [fileOf("a/winter.txt", 1), fileOf("copy of winter.txt", 1)]);
        await share("bea", [fileOf("a/winter.txt", 1, { mtime: "2026-05-01T00:00:00Z" })]);
        const { rows } = await store.index.search(EVERYTHING, queryOf({ q: "winter" }));
        expect(rows).toEqual([
          {
            fileId: sampleFileId(1),
            size: 1001,
            path: "a/winter.txt",
            names: ["winter.txt", "copy of winter.txt"],
            kind: "document",
            mtime: Date.parse("2026-05-01T00:00:00Z"),
            peerCount: 2,
          },
        ]);
      });

      test("search() puts a file's own name before parts of it and of its folders", async () => {
        const ordered = [
          "z/comb",
          "z/comb.txt",
          "comb of wax.txt",
          "wax comb.txt",
          "honeycomb.txt",
          "comb/other.txt",
        ];
        await share(
          "ana",
          ordered.toReversed().map((path, n) => fileOf(path, n)),
        );
        expect(await pathsOf({ q: "comb" })).toEqual(ordered);
      });

      test.each<[Partial<SearchQuery>, string[]]>([
        [{ ext: "jpg" }, [PATHS[3]!]],
        [{ ext: ".MP3" }, [PATHS[0]!]],
        [{ kind: "document", sort: "name" }, [PATHS[2]!, PATHS[1]!]],
        [{ kind: "audio", q: "bees" }, []],
        [{ minSize: 1001, maxSize: 1002, sort: "size" }, [PATHS[1]!, PATHS[2]!]],
        [{ q: "bee", minSize: 1003 }, [PATHS[3]!]],
        [{ peer: "nobody" }, []],
        [{ peer: "ana", q: "winter" }, [PATHS[1]!]],
      ])("search() filters by %j", async (query, found) => {
        await share(
          "ana",
          PATHS.map((path, n) => fileOf(path, n)),
        );
        expect(await pathsOf(query)).toEqual(found);
      });

      test("search() refuses a size range that holds nothing", async () => {
        const search = store.index.search(EVERYTHING, queryOf({ minSize: 2, maxSize: 1 }));
        await expect(search).rejects.toMatchObject({ code: "invalid" });
      });

      for (const q of ["", "file", "f"]) {
        test.each<[SearchQuery["sort"], (n: number) => number | string]>([
          ["relevance", () => 0],
          ["name", (n) => `file-${String(n).padStart(2, "0")}`],
          ["size", (n) => 100 + (n % 5)],
          ["-size", (n) => -(100 + (n % 5))],
          ["mtime", (n) => n % 3],
          ["-mtime", (n) => -(n % 3)],
          ["-peers", (n) => -(n % 2 === 0 ? 2 : 1)],
        ])(
          `search() of ${JSON.stringify(q)} by %s pages through everything once, in order`,
          async (sort, keyOf) => {
            const files = Array.from({ length: 23 }, (_, n) =>
              fileOf(`file-${String(n).padStart(2, "0")}`, n, {
                size: 100 + (n % 5),
                mtime: new Date(Date.UTC(2026, n % 3)).toISOString(),
              }),
            );
            await share("ana", files);
            await share(
              "bea",
              files.filter((_, n) => n % 2 === 0),
            );
            const seen: string[] = [];
            let cursor: string | undefined;
            do {
              const page = await store.index.search(EVERYTHING, queryOf({ q, sort, limit: 4, cursor }));
              expect(page.rows.length).toBeLessThanOrEqual(4);
              seen.push(...page.rows.map(({ path }) => path));
              cursor = page.nextCursor;
            } while (cursor !== undefined);
            expect(seen.toSorted()).toEqual(files.map(({ path }) => path));
            const keys = seen.map((path) => keyOf(Number(path.slice(5))));
            expect(keys).toEqual(keys.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
          },
        );
      }

      test.each(["", "x", "!!!", "bnVsbA", Buffer.from('["name",1,"x"]').toString("base64url")])(
        "cursors that nobody gave out are refused: %j",
        async (cursor) => {
          for (const query of [
            { sort: "name" as const },
            { q: "a" },
            { sort: "-peers" as const },
            { sort: "-size" as const },
          ]) {
            const search = store.index.search(EVERYTHING, queryOf({ ...query, cursor }));
            await expect(search).rejects.toMatchObject({ code: "invalid" });
          }
          await expect(store.peers.list(EVERYTHING, { limit: 1, cursor })).rejects.toMatchObject({
            code: "invalid",
          });
          const files = store.index.peerFiles(EVERYTHING, "ana", { limit: 1, cursor, prefix: "" });
          await expect(files).rejects.toMatchObject({ code: "invalid" });
        },
      );

      test("search() refuses a cursor of another sort", async () => {
        await share("ana", [fileOf("a", 1), fileOf("b", 2)]);
        const { nextCursor } = await store.index.search(EVERYTHING, queryOf({ sort: "size", limit: 1 }));
        const search = store.index.search(EVERYTHING, queryOf({ sort: "-size", cursor: nextCursor }));
        await expect(search).rejects.toBeInstanceOf(PanalError);
      });

      test("nothing of peers outside the view is in any answer", async () => {
        await share("ana", [fileOf("a.txt", 1)], { seenAt: 10 });
        await share("bea", [fileOf("b.txt", 2)], { seenAt: 20, isLocalOnly: true });
        await store.lists.setBareNames("ana", [{ name: "bare.txt", size: undefined }]);
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
            expect(await pathsOf({ sort }, view)).toEqual(paths);
            expect(await pathsOf({ q: "txt", sort }, view)).toEqual(paths);
          }
          expect((await store.index.file(view, sampleFileId(1))) !== undefined).toBe(isThere.a);
          expect((await store.index.file(view, sampleFileId(2))) !== undefined).toBe(isThere.b);
          expect((await store.index.holdersOf(view, "bare.txt")).length).toBe(isThere.a ? 1 : 0);
          expect((await store.index.holdersOf(view, "b.txt")).length).toBe(isThere.b ? 1 : 0);
          expect((await store.index.peerFiles(view, "ana", { limit: 9, prefix: "" })).rows.length).toBe(
            isThere.a ? 1 : 0,
          );
          expect(await store.index.stats(view)).toMatchObject({ peers: 1, files: 1, entries: 1 });
        }
      });

      test("file() gives names by use and each live peer once", async () => {
        await share("ana", [fileOf("x.txt", 1), fileOf("other/y.txt", 1)]);
        await share("bea", [fileOf("x.txt", 1)], { seenAt: 2_000 });
        const file = await store.index.file(EVERYTHING, sampleFileId(1));
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
        await share(
          "ana",
          paths.map((path, n) => fileOf(path, n)),
        );
        const first = await store.index.peerFiles(EVERYTHING, "ana", { prefix: "docs/", limit: 2 });
        expect(first.rows.map(({ path }) => path)).toEqual(["docs/a", "docs/b"]);
        const second = await store.index.peerFiles(EVERYTHING, "ana", {
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
        await share("ana", [
          fileOf("docs/Résumé.txt", 1),
          fileOf("docs/resume.txt", 2),
          fileOf("résumé.txt.bak", 3),
        ]);
        await share("bea", []);
        await store.lists.setBareNames("bea", [{ name: "RÉSUMÉ.TXT", size: 5 }]);
        const found = await store.index.holdersOf(EVERYTHING, "RéSumé.txt");
        expect(found.map(({ peer, fileId, size }) => [peer.peerId, fileId, size])).toEqual([
          ["ana", sampleFileId(1), 1001],
          ["bea", undefined, 5],
        ]);
        expect(await pathsOf({ q: "resume" })).not.toContain("RÉSUMÉ.TXT");
        await store.lists.setBareNames("bea", []);
        expect((await store.index.holdersOf(EVERYTHING, "résumé.txt")).length).toBe(1);
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
        await share(
          "ana",
          hostile.map((path, n) => fileOf(path, n)),
        );
        const { rows } = await store.index.peerFiles(EVERYTHING, "ana", { limit: 50, prefix: "" });
        expect(rows.map(({ path }) => path).toSorted()).toEqual(hostile.toSorted());
        expect(await pathsOf({ q: "onerror" })).toEqual([hostile[0]]);
        expect(await pathsOf({ q: "drop table" })).toEqual([hostile[3]]);
      });
    });

    test("everything is there after a restart", async () => {
      if (place.reopen === undefined) return;
      await share("ana", [fileOf("winter.txt", 1)]);
      await store.lists.setBareNames("ana", [{ name: "bare", size: undefined }]);
      await store.lists.stage({ peerId: "ana", files: [fileOf("next.txt", 2)], uploadId: "u", now: 1 });
      const before = await store.peers.find({ peerId: "ana" });
      await store.close();
      store = place.reopen();
      expect(await store.peers.find({ peerId: "ana" })).toEqual(before);
      expect(await pathsOf({ q: "winter" })).toEqual(["winter.txt"]);
      expect((await store.index.holdersOf(EVERYTHING, "bare")).length).toBe(1);
      await store.lists.commit({ peerId: "ana", uploadId: "u", revision: 2 });
      expect(await pathsOf({})).toEqual(["next.txt"]);
    });
  });
}
