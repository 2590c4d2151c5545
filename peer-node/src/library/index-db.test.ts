import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { hashBlocksPortably, manifestOf, parseFileId } from "@panal/sdk";
import { afterEach, beforeEach, expect, it } from "vitest";
import { sampleBytes } from "../testing/shared-folder.ts";
import { type IndexDb, type IndexRow, openIndexDb } from "./index-db.ts";

const DAY_MS = 24 * 3600 * 1000;
/** Numbers past 2^53, and 2^63 where the system has none with a sign. */
const stamp = { size: 5, mtimeNs: 1_700_000_000_123_456_789n, ino: 2n ** 64n - 1n, dev: 2n ** 63n };
const file = { path: "a/b.txt", stamp, fileId: parseFileId(`${"ab".repeat(32)}-5`) };

let folder: string;
let path: string;
const opened: IndexDb[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "panal-index-"));
  path = join(folder, "index.db");
});
afterEach(async () => {
  for (const index of opened.splice(0)) index.close();
  await rm(folder, { recursive: true });
});

function reopen(nowMs = 0): IndexDb {
  opened.pop()?.close();
  const index = openIndexDb({ path, nowMs });
  opened.push(index);
  return index;
}

function find(index: IndexDb, at: string): IndexRow | undefined {
  return index.findAll(["elsewhere", at]).get(at);
}

it("openIndexDb() keeps files with exact numbers over restarts", () => {
  reopen().put(file);
  expect(find(reopen(), "a/b.txt")).toEqual({ ...file, isGone: false });
  expect(find(reopen(), "a")).toBeUndefined();
});

it("findMoved() finds a file by what it is, wherever it was", () => {
  const index = reopen();
  index.put(file);
  expect(index.findMoved(stamp)?.path).toBe("a/b.txt");
  for (const other of [
    { ...stamp, size: 6 },
    { ...stamp, mtimeNs: stamp.mtimeNs + 1n },
    { ...stamp, ino: 1n },
    { ...stamp, dev: 1n },
  ]) {
    expect(index.findMoved(other)).toBeUndefined();
  }
});

it("pieceLayer() gives back what was put, until it is forgotten", async () => {
  const content = sampleBytes(3 * 1024 * 1024);
  const manifest = await manifestOf([content], content.length, hashBlocksPortably);
  reopen().put({ path: "x", stamp: { ...stamp, size: content.length }, fileId: manifest.fileId }, manifest);
  const index = reopen();
  expect(index.pieceLayer(manifest.fileId)).toEqual(manifest.pieceLayer);
  index.forget(manifest.fileId);
  expect(index.pieceLayer(manifest.fileId)).toBeUndefined();
  expect(find(index, "x")).toBeUndefined();
});

it("markGone() keeps a file for a month, and put() brings it back", () => {
  const index = reopen(0);
  index.put(file);
  index.put({ ...file, path: "back.txt" });
  index.markGone("a/b.txt", 0);
  index.markGone("back.txt", 0);
  index.put({ ...file, path: "back.txt" });
  expect(find(reopen(29 * DAY_MS), "a/b.txt")?.isGone).toBe(true);
  const later = reopen(31 * DAY_MS);
  expect(find(later, "a/b.txt")).toBeUndefined();
  expect(find(later, "back.txt")?.isGone).toBe(false);
});

it("findAll() takes no row somebody meddled with", () => {
  reopen().put(file);
  opened.pop()!.close();
  const db = new DatabaseSync(path);
  db.exec("UPDATE files SET size = 6");
  db.close();
  expect(find(reopen(), "a/b.txt")).toBeUndefined();
});

it("openIndexDb() begins anew with an index of a later version", () => {
  reopen().put(file);
  opened.pop()!.close();
  const db = new DatabaseSync(path);
  db.exec("PRAGMA user_version = 99");
  db.close();
  expect(find(reopen(), "a/b.txt")).toBeUndefined();
});
