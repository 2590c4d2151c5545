import { PanalError } from "@panal/sdk";
import { describe, expect, test } from "vitest";
import type { SearchQuery } from "../store.ts";
import { EVERYTHING, type StoreUnderTest, fileOf, queryOf, sampleFileId } from "./sample-entries.ts";

/** The contract of FileIndex.search. */
export function describeSearch(at: StoreUnderTest): void {
  describe("search", () => {
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
      await at.share(
        "ana",
        PATHS.map((path, n) => fileOf(path, n)),
      );
      expect((await at.pathsOf({ q })).toSorted()).toEqual(found.toSorted());
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
      await at.share("ana", [
        fileOf("bees.txt", 1),
        fileOf(`hostile ${q.replaceAll("\u0000", "").toWellFormed()} name`, 2),
      ]);
      const found = await at.pathsOf({ q });
      expect(found.every((path) => typeof path === "string")).toBe(true);
      const isJustGaps = q.replaceAll("\u0000", "").trim() === "";
      // What was announced with it in the name is found by it.
      if (!isJustGaps && q !== "a\u0000b")
        expect(found.some((path) => path.startsWith("hostile"))).toBe(true);
    });

    test("search() gives one row per content: its best name, all names, how many have it", async () => {
      await at.share("ana", [fileOf("a/winter.txt", 1), fileOf("copy of winter.txt", 1)]);
      await at.share("bea", [fileOf("a/winter.txt", 1, { mtime: "2026-05-01T00:00:00Z" })]);
      const { rows } = await at.store.index.search(EVERYTHING, queryOf({ q: "winter" }));
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
      await at.share(
        "ana",
        ordered.toReversed().map((path, n) => fileOf(path, n)),
      );
      expect(await at.pathsOf({ q: "comb" })).toEqual(ordered);
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
      await at.share(
        "ana",
        PATHS.map((path, n) => fileOf(path, n)),
      );
      expect(await at.pathsOf(query)).toEqual(found);
    });

    test("search() refuses a size range that holds nothing", async () => {
      const search = at.store.index.search(EVERYTHING, queryOf({ minSize: 2, maxSize: 1 }));
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
          await at.share("ana", files);
          await at.share(
            "bea",
            files.filter((_, n) => n % 2 === 0),
          );
          const seen: string[] = [];
          let cursor: string | undefined;
          do {
            const page = await at.store.index.search(EVERYTHING, queryOf({ q, sort, limit: 4, cursor }));
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
          const search = at.store.index.search(EVERYTHING, queryOf({ ...query, cursor }));
          await expect(search).rejects.toMatchObject({ code: "invalid" });
        }
        await expect(at.store.peers.list(EVERYTHING, { limit: 1, cursor })).rejects.toMatchObject({
          code: "invalid",
        });
        const files = at.store.index.peerFiles(EVERYTHING, "ana", { limit: 1, cursor, prefix: "" });
        await expect(files).rejects.toMatchObject({ code: "invalid" });
      },
    );

    test("search() refuses a cursor of another sort", async () => {
      await at.share("ana", [fileOf("a", 1), fileOf("b", 2)]);
      const { nextCursor } = await at.store.index.search(EVERYTHING, queryOf({ sort: "size", limit: 1 }));
      const search = at.store.index.search(EVERYTHING, queryOf({ sort: "-size", cursor: nextCursor }));
      await expect(search).rejects.toBeInstanceOf(PanalError);
    });
  });
}
