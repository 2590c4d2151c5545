import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { createSqliteStore } from "./sqlite.ts";
import { describeStore } from "./testing/store-suite.ts";

describeStore("SQLite in memory", {
  isPersistent: false,
  createPlace: async () => {
    const reopen = () => createSqliteStore(":memory:");
    return { store: reopen(), reopen, remove: async () => {} };
  },
});

describeStore("SQLite in a file", {
  isPersistent: true,
  createPlace: async () => {
    const folder = await mkdtemp(join(tmpdir(), "panal-store-"));
    const reopen = () => createSqliteStore(join(folder, "state", "tracker.db"));
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
