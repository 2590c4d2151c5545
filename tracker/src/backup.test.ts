import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { backUp } from "./backup.ts";
import { createSqliteStore } from "./store/sqlite.ts";
import type { Store } from "./store/store.ts";
import { fileOf, peerOf, storeUnderTest } from "./store/testing/sample-entries.ts";

let folder: string;
let file: string;
let store: Store;
const at = storeUnderTest(() => store);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "panal-backup-"));
  file = join(folder, "copy.db");
  store = createSqliteStore(join(folder, "tracker.db"));
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

test("a copy holds what there was, can be started from, and nothing that came later", async () => {
  await at.share("ana", [fileOf("winter.txt", 1)]);
  await backUp({ dataDir: folder, file });
  await at.share("ben", [fileOf("summer.txt", 2)]);
  const before = await store.peers.find({ peerId: "ana" });
  await store.close();
  store = createSqliteStore(file);
  expect(await at.pathsOf({ q: "winter" })).toEqual(["winter.txt"]);
  expect(await at.pathsOf({ q: "summer" })).toEqual([]);
  expect(await store.peers.find({ peerId: "ana" })).toEqual(before);
  // Its indexes go on from there.
  await at.share("eva", [fileOf("autumn.txt", 3)]);
  expect(await at.pathsOf({ q: "tumn" })).toEqual(["autumn.txt"]);
});

test("a change that is under way is not in the copy, and doesn't hold it up", async () => {
  await store.peers.save(peerOf("ana"));
  const writer = new DatabaseSync(join(folder, "tracker.db"));
  writer.exec("BEGIN IMMEDIATE; UPDATE peers SET name = 'half'");
  await backUp({ dataDir: folder, file });
  writer.exec("ROLLBACK");
  writer.close();
  await store.close();
  store = createSqliteStore(file);
  expect(await store.peers.find({ peerId: "ana" })).toMatchObject({ name: "name of ana" });
});

test("a file that is there stays as it is", async () => {
  await writeFile(file, "precious");
  await expect(backUp({ dataDir: folder, file })).rejects.toMatchObject({ code: "conflict" });
  expect(await readFile(file, "utf8")).toBe("precious");
});

test("the copy is its owner's only, and nothing else is left", async () => {
  await backUp({ dataDir: folder, file });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await readdir(folder)).filter((name) => name.includes("copy"))).toEqual(["copy.db"]);
});

test("without a tracker's database there is no copy", async () => {
  await expect(backUp({ dataDir: join(folder, "nowhere"), file })).rejects.toMatchObject({
    code: "not-found",
  });
  await store.close();
  await rm(join(folder, "tracker.db"));
  new DatabaseSync(join(folder, "tracker.db")).close();
  const other = new DatabaseSync(join(folder, "tracker.db"));
  other.exec("CREATE TABLE other (id)");
  other.close();
  await expect(backUp({ dataDir: folder, file })).rejects.toMatchObject({ code: "invalid" });
  expect((await readdir(folder)).filter((name) => name.includes("copy"))).toEqual([]);
  store = createSqliteStore(":memory:");
});
