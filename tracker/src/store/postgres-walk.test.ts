import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, createTestDatabase } from "../testing/test-database.ts";
import { createPostgresStore } from "./postgres.ts";
import type { SearchQuery, Store } from "./store.ts";
import { EVERYTHING, fileOf, queryOf, storeUnderTest } from "./testing/sample-entries.ts";

let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await createTestDatabase();
  ({ store } = createPostgresStore({ url: database.url, now: Date.now, note: () => {} }));
  const names = ["b\u{1f41d}", "b\uffee", "a", "É", "e", "Z", "10", "9"];
  const files = names.flatMap((name, n) => [
    fileOf(`${name}.pdf`, n, { size: 10 + (n % 3), mtime: new Date(Date.UTC(2026, n % 2)).toISOString() }),
    fileOf(`copy/${name} 2.pdf`, n, {
      size: 10 + (n % 3),
      mtime: new Date(Date.UTC(2026, n % 2)).toISOString(),
    }),
  ]);
  await storeUnderTest(() => store).share("ana", files);
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

test.each<SearchQuery["sort"]>(["name", "size", "-size", "mtime", "-mtime"])(
  "what few names fit is in the same order by %s as what is read along an index",
  async (sort) => {
    const paged = async (query: Partial<SearchQuery>) => {
      const paths: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.index.search(EVERYTHING, queryOf({ ...query, sort, limit: 3, cursor }));
        paths.push(...page.rows.map(({ path }) => path));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return paths;
    };
    const all = await paged({});
    expect(all.length).toBe(8);
    expect(await paged({ ext: "pdf" })).toEqual(all);
    expect(await paged({ peer: "ana" })).toEqual(all);
  },
);

test("where little of very much fits, so much is looked at and no more; the next page goes on behind it", async () => {
  await database.run(`
    INSERT INTO files (root, size, mtime)
      SELECT decode('a' || lpad(to_hex(n), 63, '0'), 'hex'), 1, 5000000000000 + n FROM generate_series(1, 20500) AS g (n);
    INSERT INTO files (root, size, mtime)
      SELECT decode('b' || lpad(to_hex(n), 63, '0'), 'hex'), 1, n FROM generate_series(1, 2100) AS g (n);
    INSERT INTO names (file, path_key, path, folded, base, ext, kind, words)
      SELECT f.id, md5(f.id::text)::uuid, 'x' || f.id, 'x' || f.id, 'x' || f.id, CASE WHEN f.mtime > 5000000000000 THEN 'txt' ELSE 'rar' END,
        'other', 'x'::tsvector FROM files f WHERE f.size = 1;
    INSERT INTO entries (list, path_key, name, place, mtime)
      SELECT p.list, n.path_key, n.id, n.path, 1 FROM names n, peers p WHERE n.ext IN ('txt', 'rar')`);
  const first = await store.index.search(EVERYTHING, queryOf({ ext: "rar", sort: "-mtime", limit: 5 }));
  expect(first.rows).toEqual([]);
  expect(first.nextCursor).toEqual(expect.any(String));
  const second = await store.index.search(
    EVERYTHING,
    queryOf({ ext: "rar", sort: "-mtime", limit: 5, cursor: first.nextCursor }),
  );
  expect(second.rows.map(({ mtime }) => mtime)).toEqual([2_100, 2_099, 2_098, 2_097, 2_096]);
});
