import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { convertEntries } from "./sqlite-convert.ts";
import { openDatabase } from "./sqlite-schema.ts";
import { createSqliteStore } from "./sqlite.ts";
import type { Store } from "./store.ts";
import { checkIndex } from "./testing/check-index.ts";
import { createOldDatabase } from "./testing/old-database.ts";
import { EVERYTHING, fileOf, queryOf, sampleFileId, storeUnderTest } from "./testing/sample-entries.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "panal-old-"));
  path = join(folder, "tracker.db");
});
afterEach(() => rm(folder, { recursive: true }));

const ANA = [
  fileOf("films/Winter Bees.mkv", 1),
  fileOf("films/copy.mkv", 1, { mtime: "2020-01-01T00:00:00.000Z" }),
  fileOf("Música/Canción.mp3", 2),
];
const BEA = [fileOf("films/Winter Bees.mkv", 1), fileOf("notes.txt", 3)];

async function expectAll(store: Store): Promise<void> {
  const pathsOf = async (q: string) =>
    (await store.index.search(EVERYTHING, queryOf({ q }))).rows.map((row) => [row.path, row.peerCount]);
  expect(await pathsOf("winter")).toEqual([["films/Winter Bees.mkv", 2]]);
  expect(await pathsOf("cancion")).toEqual([["Música/Canción.mp3", 1]]);
  expect(await pathsOf("no")).toEqual([["notes.txt", 1]]);
  const list = await store.index.peerFiles(EVERYTHING, "ana-ana-ana", { prefix: "", limit: 9 });
  expect(list.rows.map((row) => [row.path, row.fileId, new Date(row.mtime).toISOString()])).toEqual(
    [ANA[2]!, ANA[0]!, ANA[1]!]
      .toSorted((a, b) => (a.path < b.path ? -1 : 1))
      .map((file) => [file.path, file.fileId, file.mtime]),
  );
  expect(await store.index.stats(EVERYTHING)).toEqual({
    peers: 2,
    files: 3,
    entries: 5,
    totalSize: 1001 + 1002 + 1003,
  });
  expect(await store.peers.find({ peerId: "ana-ana-ana" })).toMatchObject({
    name: "name of ana-ana-ana",
    revision: 3,
    fileCount: 3,
    nonce: "",
    findings: [],
    dialableUrls: [],
  });
  expect(await store.reports.ofFile(sampleFileId(1), 0)).toEqual([]);
}

describe("a database of an older version", () => {
  test.each([1, 2, 3, 4])("%d has everything in it afterwards, at once and later", async (version) => {
    createOldDatabase(path, version, { "ana-ana-ana": ANA, "bea-bea-bea": BEA });
    for (let turn = 0; turn < 2; turn++) {
      const store = createSqliteStore(path);
      await expectAll(store);
      await store.close();
      checkIndex(path);
    }
    const db = new DatabaseSync(path);
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'old%'").all()).toEqual([]);
    db.close();
  });

  test("that is changed afterwards is changed whole", async () => {
    createOldDatabase(path, 4, { "ana-ana-ana": ANA, "bea-bea-bea": BEA });
    const store = createSqliteStore(path);
    await store.lists.patch({
      peerId: "ana-ana-ana",
      baseRevision: 3,
      revision: 4,
      added: [fileOf("new.txt", 9)],
      removed: [ANA[0]!.path, ANA[2]!.path],
    });
    await store.peers.remove({ peerIds: ["bea-bea-bea"] });
    while (await store.lists.collectGarbage({ abandonedBefore: 0 }));
    const { rows } = await store.index.search(EVERYTHING, queryOf({ sort: "name" }));
    expect(rows.map((row) => row.path)).toEqual(["films/copy.mkv", "new.txt"]);
    await store.close();
    checkIndex(path);
  });

  test("of which many entries have come over when it stops, has the others brought over by the next start", async () => {
    const many = Array.from({ length: 4_500 }, (_, n) =>
      fileOf(`many/file ${String(n).padStart(4, "0")}`, 100 + n),
    );
    createOldDatabase(path, 4, { "ana-ana-ana": ANA, "bea-bea-bea": BEA, "cleo-cleo": many });
    const db = openDatabase(path, { cacheKib: 1024 });
    let transactions = 0;
    const stopping = {
      ...db,
      transaction<T>(change: () => T): T {
        if (++transactions === 3) throw new Error("killed");
        return db.transaction(change);
      },
    };
    expect(() => convertEntries(stopping)).toThrow("killed");
    db.close();
    const store = createSqliteStore(path);
    expect(await store.index.stats(EVERYTHING)).toMatchObject({ files: 4_503, entries: 4_505 });
    const { rows } = await store.index.search(EVERYTHING, queryOf({ q: "4499" }));
    expect(rows.map((row) => row.path)).toEqual(["many/file 4499"]);
    await store.close();
    checkIndex(path);
  });

  test("5, which found names by their letters, finds them by their words, also when it was stopped in between", async () => {
    const many = Array.from({ length: 4_500 }, (_, n) =>
      fileOf(`many/file ${String(n).padStart(4, "0")}`, 100 + n),
    );
    const before = createSqliteStore(path);
    await storeUnderTest(() => before).share("ana-ana-ana", many);
    await before.close();
    const made = new DatabaseSync(path);
    made.exec(`DROP TABLE name_words; DROP TABLE words; DROP TABLE word_letters;
      CREATE VIRTUAL TABLE substrings USING fts5(folded, content='', tokenize="trigram");
      CREATE VIRTUAL TABLE word_starts USING fts5(folded, content=''); PRAGMA user_version = 5`);
    made.close();
    const db = openDatabase(path, { cacheKib: 1024 });
    let transactions = 0;
    const stopping = {
      ...db,
      transaction<T>(change: () => T): T {
        if (++transactions === 2) throw new Error("killed");
        return db.transaction(change);
      },
    };
    expect(() => convertEntries(stopping)).toThrow("killed");
    db.close();
    const store = createSqliteStore(path);
    for (const q of ["0003", "4499"]) {
      const { rows } = await store.index.search(EVERYTHING, queryOf({ q }));
      expect(rows.map((row) => row.path)).toEqual([`many/file ${q}`]);
    }
    await store.close();
    checkIndex(path);
  });
});
