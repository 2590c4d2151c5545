import { deleteDB } from "idb";
import { afterEach, expect, test } from "vitest";
import { createSampleFile } from "../transfer/testing/sample-file.ts";
import { forgetHashes, keepHashes, listKeptHashes } from "./kept-hashes.ts";
import { forgetShare, keepShare, listKeptShares } from "./kept-shares.ts";
import { withSharesDatabase } from "./shares-database.ts";

const MIB = 1024 * 1024;

afterEach(() => deleteDB("panal-shares"));

async function share(id: string): Promise<void> {
  await keepShare({ id, handle: await navigator.storage.getDirectory() });
}

test("keepHashes() keeps what a share's files are, and forgetShare() forgets it", async () => {
  const { manifest } = await createSampleFile(3 * MIB + 5);
  const small = (await createSampleFile(10)).manifest;
  await share("one");
  await share("other");
  await keepHashes("one", [
    { path: "", mtimeMs: 1, manifest },
    { path: "a/b.txt", mtimeMs: 2, manifest: small },
  ]);
  await keepHashes("other", [{ path: "c", mtimeMs: 3, manifest: small }]);
  const kept = await listKeptHashes("one");
  expect([...kept.keys()]).toEqual(["", "a/b.txt"]);
  expect(kept.get("")).toEqual({ path: "", mtimeMs: 1, manifest });
  await forgetHashes("one", ["a/b.txt"]);
  expect([...(await listKeptHashes("one")).keys()]).toEqual([""]);
  await forgetShare("one");
  expect((await listKeptHashes("one")).size).toBe(0);
  expect((await listKeptHashes("other")).size).toBe(1);
  expect((await listKeptShares()).map(({ id }) => id)).toEqual(["other"]);
});

test("keepHashes() keeps nothing of a share that isn't kept", async () => {
  const { manifest } = await createSampleFile(10);
  await keepHashes("gone", [{ path: "a", mtimeMs: 1, manifest }]);
  await share("gone");
  expect((await listKeptHashes("gone")).size).toBe(0);
});

test("listKeptHashes() leaves out what doesn't lead to its file id", async () => {
  const { manifest } = await createSampleFile(3 * MIB);
  await share("one");
  await keepHashes("one", [{ path: "a", mtimeMs: 1, manifest }]);
  await withSharesDatabase(async (db) => {
    const record = (await db.get("hashes", ["one", "a"]))!;
    const pieceLayer = record.pieceLayer.slice();
    pieceLayer[7]! ^= 1;
    await db.put("hashes", { ...record, pieceLayer });
  });
  expect((await listKeptHashes("one")).size).toBe(0);
});
