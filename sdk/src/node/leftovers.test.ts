import { link, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parseFileId } from "../content/file-id.ts";
import { removeLeftovers } from "./leftovers.ts";
import { acquireProcessLock } from "./process-lock.ts";

const FILE_ID = parseFileId(`${"ab".repeat(32)}-4`);
/** Of a process that is no more. */
const STALE_LOCK = JSON.stringify({ pid: 2 ** 30, started: "1" });

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "panal-leftovers-"));
  path = join(folder, "a.bin");
  await writeFile(path, "abcd");
});
afterEach(() => rm(folder, { recursive: true }));

it.each([
  ["the lock", []],
  ["the journal and the lock", ["journal"]],
  ["all three", ["journal", "part"]],
])("removeLeftovers() takes away %s of a download that was killed at its end", async (_what, left) => {
  await writeFile(`${path}.part.lock`, STALE_LOCK);
  if (left.includes("journal")) await writeFile(`${path}.part.journal`, `${FILE_ID}\n\u0080`);
  if (left.includes("part")) await link(path, `${path}.part`);
  await removeLeftovers(path, FILE_ID);
  expect(await readdir(folder)).toEqual(["a.bin"]);
});

it("removeLeftovers() leaves the part of another file alone", async () => {
  await writeFile(`${path}.part`, "something else");
  await writeFile(`${path}.part.journal`, `${"cd".repeat(32)}-9\n\u0080`);
  await removeLeftovers(path, FILE_ID);
  expect((await readdir(folder)).sort()).toEqual(["a.bin", "a.bin.part", "a.bin.part.journal"]);
});

it("removeLeftovers() leaves alone what is in use", async () => {
  const lock = await acquireProcessLock(`${path}.part.lock`, "the download");
  await writeFile(`${path}.part.journal`, `${FILE_ID}\n\u0080`);
  await removeLeftovers(path, FILE_ID);
  expect(await readdir(folder)).toHaveLength(3);
  await lock.release();
});
