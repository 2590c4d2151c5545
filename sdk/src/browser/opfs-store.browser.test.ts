import { afterEach, expect, test } from "vitest";
import type { FileId } from "../content/file-id.ts";
import { equalBytes } from "../content/merkle.ts";
import type { Store } from "../transfer/store.ts";
import { createSampleFile } from "../transfer/testing/sample-file.ts";
import { describeStore } from "../transfer/testing/store-suite.ts";
import {
  listOpfsDownloads,
  markOpfsDownloadSaved,
  openOpfsFile,
  removeOpfsDownload,
} from "./opfs-downloads.ts";
import { readOpfsManifest } from "./opfs-manifest.ts";
import { createWorkerStore } from "./testing/worker-store.ts";

const MIB = 1024 * 1024;
const signal = new AbortController().signal;

describeStore("createOpfsStore()", async () => {
  let fileId: FileId | undefined;
  const stores: ReturnType<typeof createWorkerStore>[] = [];
  return {
    createStore(): Store {
      const store = createWorkerStore();
      stores.push(store);
      return {
        ...store,
        open(manifest, options) {
          fileId = manifest.fileId;
          return store.open(manifest, options);
        },
      };
    },
    async finishedBytes() {
      const file = fileId === undefined ? undefined : await openOpfsFile(fileId, "sample.bin");
      return file === undefined ? undefined : new Uint8Array(await file.arrayBuffer());
    },
    async remove() {
      for (const store of stores) store.terminate();
      await removeAll();
    },
  };
});

afterEach(removeAll);

/** A terminated worker lets go of its files a moment later. */
async function removeAll(): Promise<void> {
  for (const { fileId } of await listOpfsDownloads()) {
    await expect
      .poll(() =>
        removeOpfsDownload(fileId).then(
          () => "removed",
          () => "locked",
        ),
      )
      .toBe("removed");
  }
}

test("createOpfsStore() lets nobody else into the file, and says so", async () => {
  const { manifest } = await createSampleFile(MIB + 1);
  const [first, second] = [createWorkerStore(), createWorkerStore()];
  await first.open(manifest, { signal });
  await expect(second.open(manifest, { signal })).rejects.toMatchObject({ code: "conflict" });
  await expect(removeOpfsDownload(manifest.fileId)).rejects.toMatchObject({ code: "conflict" });
  await first.close();
  await second.open(manifest, { signal });
  await second.close();
  first.terminate();
  second.terminate();
});

test("createOpfsStore() gives back what is there while it is open, when it isn't, and when the file is complete", async () => {
  const { content, manifest } = await createSampleFile(2 * MIB + 5);
  const store = createWorkerStore();
  const part = { start: MIB + 3, end: MIB + 100 };
  const expected = content.subarray(part.start, part.end);
  await store.open(manifest, { signal });
  await store.write(1, content.subarray(MIB, 2 * MIB));
  expect(equalBytes(await store.read(part), expected)).toBe(true);
  await store.close();
  expect(equalBytes(await store.read(part), expected)).toBe(true);
  await store.open(manifest, { signal });
  await store.write(0, content.subarray(0, MIB));
  await store.write(2, content.subarray(2 * MIB));
  await store.complete();
  await store.close();
  expect(await store.read({ start: 2 * MIB, end: 3 * MIB })).toHaveLength(5);
  store.terminate();
});

test("readOpfsManifest() knows a complete file without reading it, and believes no layer that doesn't lead to its id", async () => {
  const { content, manifest } = await createSampleFile(2 * MIB + 5);
  const { fileId } = manifest;
  const store = createWorkerStore();
  await store.open(manifest, { signal });
  for (let at = 0; at < 3; at++) await store.write(at, content.slice(at * MIB, (at + 1) * MIB));
  expect(await readOpfsManifest(fileId)).toBeUndefined();
  await store.complete();
  await store.close();
  expect(await readOpfsManifest(fileId)).toEqual(manifest);
  const root = await navigator.storage.getDirectory();
  const folder = await (await root.getDirectoryHandle("panal-downloads")).getDirectoryHandle(fileId);
  const layer = await (await folder.getFileHandle("layer")).createWritable({ keepExistingData: true });
  await layer.write({ type: "write", position: 40, data: new Uint8Array(4) });
  await layer.close();
  expect(await readOpfsManifest(fileId)).toBeUndefined();
  store.terminate();
});

test("listOpfsDownloads() tells what is there, and how much of it", async () => {
  const { content, manifest } = await createSampleFile(2 * MIB + 5);
  expect(await listOpfsDownloads()).toEqual([]);
  const store = createWorkerStore();
  await store.open(manifest, { signal });
  await store.write(0, content.slice(0, MIB));
  await store.write(2, content.slice(2 * MIB));
  await store.close();
  const partial = { fileId: manifest.fileId, name: "sample.bin", length: 2 * MIB + 5, wasSaved: false };
  expect(await listOpfsDownloads()).toEqual([{ ...partial, verifiedBytes: MIB + 5, isComplete: false }]);
  expect(await openOpfsFile(manifest.fileId, "sample.bin")).toBeUndefined();

  await store.open(manifest, { signal });
  await store.write(1, content.slice(MIB, 2 * MIB));
  await store.complete();
  await store.close();
  expect(await listOpfsDownloads()).toEqual([{ ...partial, verifiedBytes: 2 * MIB + 5, isComplete: true }]);
  await markOpfsDownloadSaved(manifest.fileId);
  expect(await listOpfsDownloads()).toMatchObject([{ isComplete: true, wasSaved: true }]);

  await removeOpfsDownload(manifest.fileId);
  expect(await listOpfsDownloads()).toEqual([]);
  await removeOpfsDownload(manifest.fileId);
  store.terminate();
});

test("createOpfsStore() takes a complete download for what it is when it is asked for again", async () => {
  const { content, manifest } = await createSampleFile(MIB);
  const store = createWorkerStore();
  await store.open(manifest, { signal });
  await store.write(0, content.slice());
  await store.complete();
  await store.close();
  expect((await store.open(manifest, { signal })).isFull).toBe(true);
  await store.complete();
  await store.close();
  const file = await openOpfsFile(manifest.fileId, "sample.bin");
  expect([file?.name, file?.size]).toEqual(["sample.bin", MIB]);
  store.terminate();
});

test("open() doesn't trust a journal that names pieces which aren't there", async () => {
  const { content, manifest } = await createSampleFile(2 * MIB);
  const store = createWorkerStore();
  await store.open(manifest, { signal });
  await store.write(0, content.slice(0, MIB));
  await store.write(1, content.slice(MIB));
  await store.close();

  const root = await navigator.storage.getDirectory();
  const folder = await (await root.getDirectoryHandle("panal-downloads")).getDirectoryHandle(manifest.fileId);
  const writable = await (await folder.getFileHandle("data")).createWritable({ keepExistingData: true });
  await writable.write({ type: "write", position: MIB + 77, data: new Uint8Array([1, 2, 3]) });
  await writable.close();

  const have = await store.open(manifest, { signal });
  expect([have.has(0), have.has(1)]).toEqual([true, false]);
  await store.close();
  store.terminate();
});

test("open() starts over when the journal is damaged", async () => {
  const { content, manifest } = await createSampleFile(2 * MIB);
  const store = createWorkerStore();
  await store.open(manifest, { signal });
  await store.write(0, content.slice(0, MIB));
  await store.close();

  const root = await navigator.storage.getDirectory();
  const folder = await (await root.getDirectoryHandle("panal-downloads")).getDirectoryHandle(manifest.fileId);
  const writable = await (await folder.getFileHandle("journal")).createWritable();
  await writable.write('panal 1 complete\n"x');
  await writable.close();

  expect(await listOpfsDownloads()).toMatchObject([
    { name: manifest.fileId, verifiedBytes: 0, isComplete: false },
  ]);
  const have = await store.open(manifest, { signal });
  expect(have.size).toBe(0);
  await store.close();
  store.terminate();
});

test("open() has what was committed when the worker before it died", async () => {
  const { content, manifest } = await createSampleFile(3 * MIB);
  const first = createWorkerStore();
  await first.open(manifest, { signal });
  await first.write(0, content.slice(0, MIB));
  await first.close();
  await first.open(manifest, { signal });
  await first.write(1, content.slice(MIB, 2 * MIB));
  first.terminate();

  const second = createWorkerStore();
  let have: Awaited<ReturnType<Store["open"]>> | undefined;
  await expect
    .poll(async () => {
      have = await second.open(manifest, { signal }).catch(() => undefined);
      return have !== undefined;
    })
    .toBe(true);
  // The second piece was not journaled yet: fetching it again is all that costs.
  expect(have?.has(0)).toBe(true);
  for (const index of [0, 1, 2]) {
    if (!have!.has(index)) await second.write(index, content.slice(index * MIB, (index + 1) * MIB));
  }
  await second.complete();
  await second.close();
  const file = await openOpfsFile(manifest.fileId, "sample.bin");
  expect(equalBytes(new Uint8Array(await file!.arrayBuffer()), content)).toBe(true);
  second.terminate();
});
