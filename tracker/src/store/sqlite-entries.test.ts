import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MAX_BLOCK_ENTRIES } from "./entry-block.ts";
import { createEntries } from "./sqlite-entries.ts";
import { MAX_INLINE_LISTS } from "./sqlite-holders.ts";
import { type Database, openDatabase } from "./sqlite-schema.ts";
import { checkIndex } from "./testing/check-index.ts";
import { fileOf } from "./testing/sample-entries.ts";

let folder: string;
let path: string;
let db: Database;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "panal-entries-"));
  path = join(folder, "tracker.db");
  db = openDatabase(path, { cacheKib: 1024 });
});
afterEach(async () => {
  db.close();
  await rm(folder, { recursive: true });
});

/** A list as the tables have it, with what it grew by. */
function addList(list: number): void {
  db.run("INSERT INTO lists VALUES (?, 0, 'current', NULL, 0, 0, 0)", [list]);
}

function grow(list: number, { files, size }: { files: number; size: number }): void {
  db.run("UPDATE lists SET file_count = file_count + ?, total_size = total_size + ? WHERE id = ?", [
    files,
    size,
    list,
  ]);
}

const LISTS = [1, 2, 3];
/** Few, so that they meet; of contents, two of each size, and of paths, some beyond the first plane. */
const file = fc
  .record({
    path: fc.constantFrom("a", "a/b", "a/c", "b.txt", "🐝", "\uffee", "z/z.mp3"),
    content: fc.nat(4),
  })
  .map(({ path: name, content }) => fileOf(name, content, { size: 1000 + (content >> 1) }));
const change = fc.oneof(
  fc.record({
    type: fc.constant("add" as const),
    list: fc.constantFrom(...LISTS),
    files: fc.array(file, { maxLength: 9 }),
  }),
  fc.record({
    type: fc.constantFrom("remove" as const, "change" as const),
    list: fc.constantFrom(...LISTS),
    files: fc.array(file, { maxLength: 5 }),
  }),
  fc.record({ type: fc.constant("drop" as const), list: fc.constant(0), files: fc.constant([]) }),
);

test("entries come and go in any order, and everything fits together", { timeout: 60_000 }, () => {
  for (const list of LISTS) addList(list);
  const model = new Map(LISTS.map((list) => [list, new Map<string, string>()]));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
      const entries = createEntries(db);
      db.transaction(() => {
        for (const { type, list, files } of changes) {
          if (type === "drop") entries.dropUnused(100);
          else if (type === "add" || type === "change") {
            grow(list, type === "add" ? entries.add(list, files) : entries.change(list, files));
            for (const { path: name, fileId } of files) model.get(list)!.set(name, fileId);
          } else {
            const paths = files.map((each) => each.path);
            grow(list, entries.remove(list, paths));
            for (const name of paths) model.get(list)!.delete(name);
          }
        }
      });
      for (const [list, expected] of model) {
        const row = db.get<{ files: number; size: number }>(
          "SELECT file_count AS files, total_size AS size FROM lists WHERE id = ?",
          [list],
        );
        const size = [...expected.values()].reduce((sum, fileId) => sum + Number(fileId.split("-")[1]), 0);
        expect(row).toEqual({ files: expected.size, size });
      }
      checkIndex(path);
    }),
    { numRuns: 60 },
  );
});

test("a list that grows at both ends, inside and over what is there stays in order", () => {
  addList(1);
  const entries = createEntries(db);
  const add = (numbers: readonly number[], content = 0) => {
    const files = numbers.map((n) => fileOf(`file ${String(n).padStart(6, "0")}`, n + content));
    db.transaction(() => grow(1, entries.add(1, files)));
    return checkIndex(path);
  };
  const range = (start: number, end: number, step: number) =>
    Array.from({ length: Math.ceil((end - start) / step) }, (_, n) => start + n * step);
  expect(add(range(10_000, 11_000, 2))).toBe(500);
  expect(add(range(11_000, 11_500, 1))).toBe(1_000);
  expect(add(range(9_000, 9_500, 1).toReversed())).toBe(1_500);
  expect(add(range(10_001, 11_000, 2))).toBe(2_000);
  expect(add(range(10_000, 11_000, 3), 50_000)).toBe(2_000);
  const blocks = db.get<{ n: number }>("SELECT count(*) AS n FROM blocks")!.n;
  expect(blocks).toBeLessThan((2_000 / MAX_BLOCK_ENTRIES) * 2.5);
  db.run("UPDATE lists SET state = 'garbage' WHERE id = 1");
  let turns = 0;
  while (db.transaction(() => entries.clearSome(1))) turns++;
  expect(turns).toBe(blocks);
  while (db.transaction(() => entries.dropUnused(500)));
  expect(checkIndex(path)).toBe(0);
  expect(db.get("SELECT count(*) AS n FROM names")).toEqual({ n: 0 });
});

test("what very many have is in their lists, and in none once they are gone", () => {
  const lists = Array.from({ length: MAX_INLINE_LISTS + 40 }, (_, n) => n + 1);
  const entries = createEntries(db);
  const files = [fileOf("everybody's.txt", 1), fileOf("also this.txt", 2)];
  db.transaction(() => {
    for (const list of lists) addList(list);
    for (const list of lists) grow(list, entries.add(list, files));
  });
  expect(checkIndex(path)).toBe(lists.length * 2);
  // Some that are in the row, and some that aren't.
  const leaving = lists.filter((list) => list % 3 === 0 || list > MAX_INLINE_LISTS + 20);
  db.transaction(() => {
    for (const list of leaving) grow(list, entries.remove(list, ["everybody's.txt"]));
  });
  checkIndex(path);
  db.transaction(() => {
    for (const list of lists)
      grow(
        list,
        entries.remove(
          list,
          files.map((each) => each.path),
        ),
      );
    while (entries.dropUnused(10));
  });
  expect(checkIndex(path)).toBe(0);
  expect(db.get("SELECT count(*) AS n FROM more_lists")).toEqual({ n: 0 });
});

test("a file that changes in its place keeps what is indexed of its path, when it is nobody else's", () => {
  addList(1);
  addList(2);
  const entries = createEntries(db);
  db.transaction(() => {
    grow(1, entries.add(1, [fileOf("mine.txt", 1), fileOf("ours.txt", 2), fileOf("copy.txt", 1)]));
    grow(2, entries.add(2, [fileOf("ours.txt", 2)]));
  });
  const idOf = (name: string) =>
    db.get<{ id: number }>("SELECT max(id) AS id FROM names WHERE path = ?", [name])?.id;
  const [mine, ours] = [idOf("mine.txt"), idOf("ours.txt")];
  db.transaction(() => {
    // Under another name it is there still.
    grow(1, entries.change(1, [fileOf("mine.txt", 10)]));
  });
  expect(idOf("mine.txt")).not.toBe(mine);
  const alone = idOf("mine.txt");
  db.transaction(() => {
    grow(1, entries.change(1, [fileOf("mine.txt", 11), fileOf("ours.txt", 12), fileOf("mine.txt", 13)]));
  });
  expect(idOf("mine.txt")).toBe(alone);
  expect(idOf("ours.txt")).not.toBe(ours);
  expect(checkIndex(path)).toBe(4);
});
