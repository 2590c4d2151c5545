import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createSqliteStore } from "./sqlite.ts";
import type { SearchQuery, Store } from "./store.ts";
import { EVERYTHING, fileOf, queryOf, storeUnderTest } from "./testing/sample-entries.ts";

// What only shows with more files than are looked at for one answer.

const MANY = 9_000;

/** Text files with a common word, films with another; one of each sort far behind. */
function manyFiles() {
  return Array.from({ length: MANY }, (_, n) => {
    const mtime = new Date(Date.UTC(2026, 0, 1) - n * 60_000).toISOString();
    const name = n % 3 === 0 ? `films/summer ${n}.mkv` : `texts/cold winter ${n}.txt`;
    return fileOf(name, n, { mtime, size: 1_000_000 + n });
  });
}

let store: Store;
const at = storeUnderTest(() => store);

async function pageThrough(query: Partial<SearchQuery>): Promise<{ paths: string[]; pages: number }> {
  const paths: string[] = [];
  let pages = 0;
  for (let cursor: string | undefined; ; pages++) {
    const page = await store.index.search(EVERYTHING, queryOf({ ...query, limit: 200, cursor }));
    paths.push(...page.rows.map(({ path }) => path));
    cursor = page.nextCursor;
    if (cursor === undefined) return { paths, pages };
  }
}

describe("a search among very many files", () => {
  beforeEach(async () => {
    store = createSqliteStore(":memory:");
    await at.share("ana", manyFiles());
  });
  afterEach(() => store.close());

  test("finds what most peers have, however late it was announced", { timeout: 30_000 }, async () => {
    const late = fileOf("texts/a winter of everybody.txt", 20_000);
    for (const peer of ["bea", "cleo", "dan"]) await at.share(peer, [late]);
    const page = await store.index.search(EVERYTHING, queryOf({ q: "winter", limit: 3 }));
    expect(page.isCapped).toBe(true);
    expect(page.rows[0]).toMatchObject({ path: late.path, peerCount: 3 });
    expect((await at.pathsOf({ sort: "-peers", limit: 1 }))[0]).toBe(late.path);
    expect((await at.pathsOf({ q: "winter", sort: "-peers", limit: 1 }))[0]).toBe(late.path);
  });

  test(
    "counts two thousand of a common word, of each kind, and ranks as many for whoever reads on",
    { timeout: 60_000 },
    async () => {
      await at.share("bea", [fileOf("music/winter.mp3", 20_003)], { seenAt: 0 });
      const query = { q: "wint", limit: 50 };
      const page = await store.index.search(EVERYTHING, queryOf(query));
      expect(page).toMatchObject({ isCapped: true, kinds: { document: 1_999, audio: 1, video: 0 } });
      const { paths } = await pageThrough({ q: "wint" });
      expect(new Set(paths).size).toBe(paths.length);
      expect(paths.length).toBeGreaterThanOrEqual(2_000);
    },
  );

  test("finds names that begin with the word, however many hold it", { timeout: 30_000 }, async () => {
    await at.share("bea", [fileOf("z/winterly.txt", 20_001)]);
    expect(await at.pathsOf({ q: "winterl" })).toEqual(["z/winterly.txt"]);
    expect(await at.pathsOf({ q: "winter", sort: "size", limit: 1 })).toEqual(["z/winterly.txt"]);
  });

  test.each<[Partial<SearchQuery>, expected: number]>([
    [{ kind: "video" }, MANY / 3],
    [{ kind: "video", sort: "name" }, MANY / 3],
    [{ kind: "video", sort: "-size" }, MANY / 3],
    [{ q: "-winter ext:mkv", sort: "mtime" }, MANY / 3],
    [{ sort: "name" }, MANY],
    [{ minSize: 1_005_000, sort: "size" }, MANY - 5_000],
    [{ minSize: 1_005_000, maxSize: 1_005_099 }, 100],
    [{ maxSize: 1_000_099, sort: "-size", kind: "document" }, 66],
    [{ peer: "ana", kind: "video" }, MANY / 3],
  ])("pages through all that %j lets through, each once", { timeout: 60_000 }, async (query, expected) => {
    const { paths } = await pageThrough(query);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths).toHaveLength(expected);
  });

  test("goes on behind what it looked at when what is sought is rare", { timeout: 30_000 }, async () => {
    // Nothing leads to it: no index knows what a file isn't.
    const rare = fileOf("zz", 20_002, { mtime: "2001-01-01T00:00:00Z" });
    await at.share("bea", [rare]);
    const { paths, pages } = await pageThrough({ q: "kind:other" });
    expect(paths).toEqual(["zz"]);
    expect(pages).toBeGreaterThan(0);
  });

  test("says how many there are, whoever sees them", { timeout: 30_000 }, async () => {
    await at.share("bea", manyFiles().slice(0, 500), { seenAt: 5_000 });
    expect(await store.index.stats(EVERYTHING)).toMatchObject({ files: MANY, entries: MANY + 500 });
    expect(await store.index.stats({ aliveSince: 5_000, includeLocalOnly: true })).toMatchObject({
      peers: 1,
      files: 500,
      entries: 500,
    });
  });
});

describe("a search of a file with very many names", () => {
  const NAMES = 1_500;
  beforeAll(async () => {
    store = createSqliteStore(":memory:");
    await at.share(
      "ana",
      Array.from({ length: NAMES }, (_, n) =>
        fileOf(`code/module ${String(n).padStart(4, "0")}/__init__.py`, 7),
      ),
    );
    return () => store.close();
  });

  test("gives it once, by any of them", async () => {
    const { rows } = await store.index.search(EVERYTHING, queryOf({ q: "1499" }));
    expect(rows).toMatchObject([
      { path: "code/module 1499/__init__.py", peerCount: 1, names: ["__init__.py"] },
    ]);
    for (const sort of ["name", "size", "-mtime", "-peers"] as const)
      expect(await at.pathsOf({ sort }), sort).toHaveLength(1);
    expect((await at.pathsOf({ q: "module" })).length).toBe(1);
  });
});
