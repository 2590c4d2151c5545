import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type StoreThreads, createSqliteStore, startStoreThreads } from "./sqlite.ts";
import { describeStore } from "./testing/store-suite.ts";

describeStore("SQLite in memory", {
  isPersistent: false,
  createPlace: async () => {
    const reopen = () => createSqliteStore(":memory:");
    return { store: reopen(), reopen, remove: async () => {} };
  },
});

let threads: StoreThreads;
beforeAll(() => {
  threads = startStoreThreads();
});
afterAll(() => threads.close());

describeStore("SQLite in a file", {
  isPersistent: true,
  createPlace: async () => {
    const folder = await mkdtemp(join(tmpdir(), "panal-store-"));
    const reopen = () => createSqliteStore(join(folder, "state", "tracker.db"), { threads });
    return { store: reopen(), reopen, remove: () => rm(folder, { recursive: true }) };
  },
});

test("createSqliteStore() refuses the database of a newer version", async () => {
  const folder = await mkdtemp(join(tmpdir(), "panal-store-"));
  const path = join(folder, "tracker.db");
  const db = new DatabaseSync(path);
  db.exec("PRAGMA user_version = 99");
  db.close();
  expect(() => createSqliteStore(path)).toThrow(/newer Panal/);
  await rm(folder, { recursive: true });
});

test("createSqliteStore() names a file that is no database, and says what to do", async () => {
  const folder = await mkdtemp(join(tmpdir(), "panal-store-"));
  const path = join(folder, "tracker.db");
  await writeFile(path, "not a database, but long enough to look like one at first sight".repeat(20));
  expect(() => createSqliteStore(path)).toThrow(`${path}: file is not a database; put a backup`);
  await rm(folder, { recursive: true });
});
