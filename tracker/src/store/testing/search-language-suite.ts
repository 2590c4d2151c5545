import { MEDIA_KINDS } from "@panal/sdk";
import { describe, expect, test } from "vitest";
import {
  ALIVE_ONLY,
  EVERYTHING,
  type StoreUnderTest,
  fileOf,
  queryOf,
  sampleFileId,
} from "./sample-entries.ts";

const KB = 1_000;
const FILES = [
  fileOf("films/Winter Bees.mkv", 1, { size: 900 * KB * KB, mtime: "2024-02-29T23:59:59.999Z" }),
  fileOf("films/winter trailer.mp4", 2, { size: 20 * KB * KB, mtime: "2024-03-01T00:00:00Z" }),
  fileOf("books/bees of winter.pdf", 3, { size: 3 * KB * KB }),
  fileOf("books/Winterbees.epub", 4, { size: 200 * KB }),
  fileOf("music/Café del Mar.flac", 5, { size: 40 * KB * KB }),
  fileOf("notes/a-1 list.txt", 6, { size: 10 }),
];
const [FILM, TRAILER, PDF, EPUB, MUSIC, LIST] = FILES.map(({ path }) => path) as [
  string,
  string,
  string,
  string,
  string,
  string,
];

/** What a query may say, and what an answer says beside its rows. */
export function describeSearchLanguage(at: StoreUnderTest): void {
  describe("search language", () => {
    async function shareAll() {
      await at.share("ana", FILES.slice(0, 3), { name: "Ana's laptop" });
      await at.share("bea", FILES.slice(3), { name: "Béa" });
    }
    const search = (q: string, changes: Partial<ReturnType<typeof queryOf>> = {}) =>
      at.store.index.search(EVERYTHING, queryOf({ q, ...changes }));

    test.each<[q: string, found: string[]]>([
      ["winter -trailer", [FILM, PDF, EPUB]],
      ["winter -TRÁILER -films", [PDF, EPUB]],
      ["winter -bees", [TRAILER]],
      ["winter -of", [FILM, TRAILER, EPUB]],
      ["winter -ees", [TRAILER]],
      ['winter -"bees of"', [FILM, TRAILER, EPUB]],
      ['"winter bees"', [FILM]],
      ['"WINTER   bees"', [FILM]],
      ['"bees of winter" books', [PDF]],
      ['"winter be', [FILM]],
      ['"del mar"', [MUSIC]],
      ["ext:pdf", [PDF]],
      ["ext:.PDF winter", [PDF]],
      ["ext:pdf ext:epub", [PDF, EPUB]],
      ["EXT:mkv", [FILM]],
      ["kind:video", [FILM, TRAILER]],
      ["kind:video winter -trailer", [FILM]],
      ["kind:Audio kind:video", [FILM, TRAILER, MUSIC]],
      ["kind:video -trailer", [FILM]],
      ["kind:document -a", [PDF, EPUB]],
      ["kind:document --", [PDF, EPUB]],
      ["size:>100M", [FILM]],
      ["size:>=900MB", [FILM]],
      ["size:>900MB", []],
      ["size:<1k", [LIST]],
      ["size:10", [LIST]],
      ["size:1M..50M winter", [TRAILER, PDF]],
      ["size:>1M size:<50M -of", [TRAILER, MUSIC]],
      ["modified:2024-02", [FILM]],
      ["modified:>2024-02 modified:2024", [TRAILER]],
      ["modified:<2024-03-01 winter", [FILM]],
      ["modified:2024..2024-03-01 -bees", [TRAILER]],
      ["modified:1999", []],
      ["peer:ana", [FILM, TRAILER, PDF]],
      ["peer:bea winter", [EPUB]],
      ["peer:BÉA kind:audio", [MUSIC]],
      ['peer:"ana\'s laptop" ext:pdf', [PDF]],
      ["peer:ana peer:bea ext:epub", [EPUB]],
      ["peer:nobody", []],
      [sampleFileId(3, 3 * KB * KB), [PDF]],
      [sampleFileId(11, 3).toUpperCase(), []],
      [`http://tracker.test:7070/f/${sampleFileId(4, 200 * KB)}`, [EPUB]],
      [`https://tracker.test/content/${sampleFileId(4, 200 * KB)}/Winterbees.epub?download`, [EPUB]],
      [`${sampleFileId(4, 200 * KB)} winter`, [EPUB]],
      [`${sampleFileId(4, 200 * KB)} trailer`, []],
      ["-1", [LIST]],
      ["ext:", []],
      ["winter size:", []],
      ["films/winter", [FILM, TRAILER]],
    ])("search() understands %j", async (q, found) => {
      await shareAll();
      expect((await at.pathsOf({ q })).toSorted()).toEqual(found.toSorted());
    });

    test("search() holds to the filters beside the query and those in it", async () => {
      await shareAll();
      expect(await at.pathsOf({ q: "kind:video kind:audio", kind: "audio" })).toEqual([MUSIC]);
      expect(await at.pathsOf({ q: "kind:video", kind: "audio" })).toEqual([]);
      expect(await at.pathsOf({ q: "size:<1G winter", minSize: 25 * KB * KB })).toEqual([FILM]);
      expect(await at.pathsOf({ q: "peer:ana", peer: "bea" })).toEqual([]);
      expect(await at.pathsOf({ q: "-winter kind:audio", sort: "name" })).toEqual([MUSIC]);
      expect(await at.pathsOf({ q: "winter -films", sort: "size" })).toEqual([EPUB, PDF]);
    });

    test.each([
      ["size:>abc", "size:>abc"],
      ["winter size:5Q", "size:5Q"],
      ["size:<0", "size:<0"],
      ["size:9..2", "size:9..2"],
      ["size:>2M size:<1M", "size:<1M"],
      ["modified:soon", "modified:soon"],
      ["modified:2024 modified:>2024", "modified:>2024"],
      ["kind:movie", "kind:movie"],
      ["-ext:pdf", "-ext:pdf"],
      [`${sampleFileId(1)} ${sampleFileId(2)}`, sampleFileId(2)],
    ])("search() refuses %j, naming the field and the value", async (q, value) => {
      await expect(search(q)).rejects.toMatchObject({
        code: "invalid",
        fields: [{ field: "q", message: expect.stringContaining(value) as string }],
      });
    });

    test("search() puts whole words before parts, then names before folders, peers, and what is new", async () => {
      const old = "2020-01-01T00:00:00Z";
      const popular = fileOf("b/wax comb 1.txt", 1, { mtime: old });
      await at.share("ana", [
        fileOf("comb/x.txt", 2),
        fileOf("honeycomb.txt", 3),
        fileOf("combs.txt", 4),
        fileOf("b/wax comb 2.txt", 5, { mtime: old }),
        fileOf("b/wax comb 3.txt", 6),
        fileOf("b/wax comb 4.txt", 7),
        fileOf("combs/y.txt", 8),
        popular,
      ]);
      await at.share("bea", [popular]);
      const ordered = [
        "b/wax comb 1.txt",
        "b/wax comb 3.txt",
        "b/wax comb 4.txt",
        "b/wax comb 2.txt",
        "combs.txt",
        "honeycomb.txt",
        "comb/x.txt",
        "combs/y.txt",
      ];
      expect(await at.pathsOf({ q: "comb" })).toEqual(ordered);
      const paged: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await search("comb", { limit: 1, cursor });
        paged.push(...page.rows.map(({ path }) => path));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(paged).toEqual(ordered);
    });

    test("search() orders by live peers only", async () => {
      const gone = fileOf("comb 1.txt", 1);
      await at.share("old1", [gone], { seenAt: 1 });
      await at.share("old2", [gone], { seenAt: 1 });
      await at.share("ana", [gone, fileOf("comb 2.txt", 2)]);
      await at.share("bea", [fileOf("comb 2.txt", 2)]);
      expect(await at.pathsOf({ q: "comb" }, ALIVE_ONLY)).toEqual(["comb 2.txt", "comb 1.txt"]);
    });

    test.each<[q: string, meant: string, found: string[]]>([
      ["witner", "winter", [FILM, TRAILER, PDF, EPUB]],
      ["iwnter", "winter", [FILM, TRAILER, PDF, EPUB]],
      ["wintr bees", "winter bees", [FILM, PDF, EPUB]],
      ["bees wimter -films", "bees winter", [PDF, EPUB]],
      ["triler.mp4", "trailer.mp4", [TRAILER]],
      ["wintrebes", "winterbees", [EPUB]],
      ["cafee", "cafe", [MUSIC]],
      ["winetr kind:video", "winter", [FILM, TRAILER]],
    ])("search() of %j gives what was meant, and says so", async (q, meant, found) => {
      await shareAll();
      const page = await search(q);
      expect(page.didYouMean).toBe(meant);
      expect(page.rows.map(({ path }) => path).toSorted()).toEqual(found.toSorted());
    });

    test("search() pages through what was meant", async () => {
      await shareAll();
      const first = await search("witner", { limit: 3 });
      const second = await search("witner", { limit: 3, cursor: first.nextCursor });
      expect(first.rows.length).toBe(3);
      expect(second).toMatchObject({ didYouMean: "winter", rows: [{ path: expect.any(String) as string }] });
      expect(new Set([...first.rows, ...second.rows].map(({ fileId }) => fileId)).size).toBe(4);
    });

    test.each(["winter", "wint", "films music", "wnt", "zzzzzz", "winter kind:audio", "witner kind:audio"])(
      "search() of %j corrects nothing",
      async (q) => {
        await shareAll();
        expect(await search(q)).not.toHaveProperty("didYouMean");
      },
    );

    test("search() corrects nothing to words of peers that are gone", async () => {
      await at.share("old", [fileOf("winter.txt", 1)], { seenAt: 1 });
      await at.share("ana", [fileOf("wanter.txt", 2)]);
      const page = await at.store.index.search(ALIVE_ONLY, queryOf({ q: "wynter" }));
      expect(page).toMatchObject({ didYouMean: "wanter", rows: [{ path: "wanter.txt" }] });
    });

    const none = Object.fromEntries(MEDIA_KINDS.map((kind) => [kind, 0]));
    test.each<[q: string, kinds: Record<string, number>]>([
      ["", { video: 2, document: 3, audio: 1 }],
      ["winter", { video: 2, document: 2 }],
      ["winter kind:video", { video: 2, document: 2 }],
      ["kind:audio", { video: 2, document: 3, audio: 1 }],
      ["size:>10M", { video: 2, audio: 1 }],
      ["witner", { video: 2, document: 2 }],
      ["zzzzzz", {}],
    ])("search() of %j counts the files of each kind, whichever are asked for", async (q, kinds) => {
      await shareAll();
      await at.share("cleo", FILES);
      const page = await search(q, { limit: 1 });
      expect(page.kinds).toEqual({ ...none, ...kinds });
      expect(page).not.toHaveProperty("isCapped");
      if (page.nextCursor === undefined) return;
      expect(await search(q, { limit: 1, cursor: page.nextCursor })).not.toHaveProperty("kinds");
    });

    test("search() says when there is more than it looks at, and finds those of a rare kind all the same", async () => {
      const many = Array.from({ length: 2_100 }, (_, n) => fileOf(`big/winter ${n}.txt`, n));
      await at.share("ana", [...many, fileOf("big/a winter.mp3", 5_000)]);
      for (const q of ["winter", ""]) {
        const page = await search(q, { limit: 1 });
        expect(page.isCapped).toBe(true);
        expect(page.kinds?.document).toBeGreaterThanOrEqual(1_999);
      }
      expect(await at.pathsOf({ q: "winter kind:audio" })).toEqual(["big/a winter.mp3"]);
    });
  });
}
