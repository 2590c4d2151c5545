import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { createSqliteStore } from "./sqlite.ts";
import { peerOf, sampleFileId } from "./testing/sample-entries.ts";
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

test("createSqliteStore() names a file that is no database, and says what to do", async () => {
  const folder = await mkdtemp(join(tmpdir(), "panal-store-"));
  const path = join(folder, "tracker.db");
  await writeFile(path, "not a database, but long enough to look like one at first sight".repeat(20));
  expect(() => createSqliteStore(path)).toThrow(`${path}: file is not a database; put a backup`);
  await rm(folder, { recursive: true });
});

test("createSqliteStore() goes on with the database of an older version", async () => {
  const folder = await mkdtemp(join(tmpdir(), "panal-store-"));
  const path = join(folder, "tracker.db");
  const first = createSqliteStore(path);
  await first.peers.save(peerOf("ana", { dialableUrls: ["http://10.0.0.1"] }));
  await first.close();
  const db = new DatabaseSync(path);
  const added = [
    "dialable_urls",
    "nonce",
    "registered_from",
    "findings",
    "checked_at",
    "reported_at",
    "is_silent",
  ];
  for (const column of added) db.exec(`ALTER TABLE peers DROP COLUMN ${column}`);
  db.exec("DROP TABLE reports; PRAGMA user_version = 1");
  db.close();
  for (const again of [createSqliteStore(path), createSqliteStore(path)]) {
    expect(await again.peers.find({ peerId: "ana" })).toMatchObject({
      name: "name of ana",
      dialableUrls: [],
      nonce: "",
      findings: [],
      checkedAt: 0,
    });
    expect(await again.reports.ofFile(sampleFileId(1), 0)).toEqual([]);
    await again.close();
  }
  await rm(folder, { recursive: true });
});
