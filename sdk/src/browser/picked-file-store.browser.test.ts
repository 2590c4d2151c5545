import { expect, test } from "vitest";
import { equalBytes } from "../content/merkle.ts";
import { createSampleFile } from "../transfer/testing/sample-file.ts";
import { describeStore } from "../transfer/testing/store-suite.ts";
import { keepPickedDownload, listPickedDownloads, removePickedDownload } from "./picked-downloads.ts";
import { createPickedFileStore } from "./picked-file-store.ts";

const MIB = 1024 * 1024;
const signal = new AbortController().signal;
let nextFile = 0;

/** The picker doesn't open in a headless browser; handles from the private file system are of the same interface. */
async function pick(): Promise<FileSystemFileHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getFileHandle(`picked-${nextFile++}`, { create: true });
}

async function bytesOf(handle: FileSystemFileHandle): Promise<Uint8Array> {
  return new Uint8Array(await (await handle.getFile()).arrayBuffer());
}

async function forgetAll(): Promise<void> {
  for (const { fileId } of await listPickedDownloads()) await removePickedDownload(fileId);
}

describeStore("createPickedFileStore()", async () => {
  const handle = await pick();
  return {
    createStore: () => createPickedFileStore({ handle }),
    async finishedBytes() {
      // A partial download is there under the file's own name; the journal is what tells it from a whole one.
      return (await listPickedDownloads()).length > 0 ? undefined : bytesOf(handle);
    },
    remove: forgetAll,
  };
});

test("createPickedFileStore() replaces whatever was in the file, longer or not", async () => {
  const handle = await pick();
  const writable = await handle.createWritable();
  await writable.write(new Uint8Array(5 * MIB).fill(7));
  await writable.close();
  const { content, manifest } = await createSampleFile(MIB + 1);
  const store = createPickedFileStore({ handle });
  expect((await store.open(manifest, { signal })).size).toBe(0);
  await store.write(1, content.slice(MIB));
  await store.write(0, content.slice(0, MIB));
  await store.complete();
  await store.close();
  expect(equalBytes(await bytesOf(handle), content)).toBe(true);
  expect(await listPickedDownloads()).toEqual([]);
});

test("createPickedFileStore() puts the same content wherever it belongs, also when it goes on later", async () => {
  const [handle, copy] = [await pick(), await pick()];
  const { content, manifest } = await createSampleFile(MIB + 1);
  await keepPickedDownload(manifest.fileId, { handle, copies: [copy] });
  const [kept] = await listPickedDownloads();
  expect(kept).toMatchObject({ verifiedBytes: 0, isComplete: false });
  const store = createPickedFileStore(kept!);
  await store.open(manifest, { signal });
  await store.write(1, content.slice(MIB));
  await store.close();
  // What is there stays there.
  await keepPickedDownload(manifest.fileId, { handle, copies: [copy] });
  const [partial] = await listPickedDownloads();
  expect(partial).toMatchObject({ verifiedBytes: 1 });
  const again = createPickedFileStore(partial!);
  expect((await again.open(manifest, { signal })).size).toBe(1);
  await again.write(0, content.slice(0, MIB));
  await again.complete();
  await again.close();
  for (const each of [handle, copy]) expect(equalBytes(await bytesOf(each), content)).toBe(true);
  expect(await listPickedDownloads()).toEqual([]);
});

test("createPickedFileStore() loses only what came after the last checkpoint when nobody closes it", async () => {
  const handle = await pick();
  const { content, manifest } = await createSampleFile(3 * MIB);
  let nowMs = 0;
  const crashed = createPickedFileStore({ handle, clock: { now: () => nowMs } });
  await crashed.open(manifest, { signal });
  await crashed.write(0, content.slice(0, MIB));
  expect(await listPickedDownloads()).toMatchObject([{ verifiedBytes: 0 }]);
  nowMs = 30_000;
  await crashed.write(2, content.slice(2 * MIB));
  expect(await listPickedDownloads()).toMatchObject([{ fileId: manifest.fileId, verifiedBytes: 2 * MIB }]);
  await crashed.write(1, content.slice(MIB, 2 * MIB));
  expect(await listPickedDownloads()).toMatchObject([{ verifiedBytes: 2 * MIB }]);

  // Its swap file is still open, as a crash leaves it; what counts is what the picked file and the journal hold.
  const picked = await bytesOf(handle);
  expect(equalBytes(picked.subarray(0, MIB), content.subarray(0, MIB))).toBe(true);
  expect(equalBytes(picked.subarray(MIB, 2 * MIB), content.subarray(MIB, 2 * MIB))).toBe(false);
  expect(equalBytes(picked.subarray(2 * MIB), content.subarray(2 * MIB))).toBe(true);
  await crashed.close();
  await forgetAll();
});

test("read() gives what is there under way, by a checkpoint only for what came after the last one", async () => {
  const handle = await pick();
  const { content, manifest } = await createSampleFile(3 * MIB);
  const store = createPickedFileStore({ handle, clock: { now: () => 0 } });
  await store.open(manifest, { signal });
  const verifiedBytes = async () => (await listPickedDownloads())[0]?.verifiedBytes;
  const expectBytes = async (start: number, end: number) =>
    expect(equalBytes(await store.read({ start, end }), content.slice(start, end))).toBe(true);
  await store.write(1, content.slice(MIB, 2 * MIB));
  expect(store.committed()?.size).toBe(0);
  await expectBytes(MIB + 5, 2 * MIB);
  expect(store.committed()?.has(1)).toBe(true);
  expect(await verifiedBytes()).toBe(MIB);
  await store.write(2, content.slice(2 * MIB));
  await expectBytes(MIB, MIB + 7);
  expect(await verifiedBytes()).toBe(MIB);
  await expectBytes(MIB, 3 * MIB);
  expect(await verifiedBytes()).toBe(2 * MIB);
  await store.write(0, content.slice(0, MIB));
  await store.complete();
  await store.close();
  await expectBytes(0, 3 * MIB);

  // Complete, it is whoever's it is: another content is never given as this one.
  const writable = await handle.createWritable();
  await writable.write(new Uint8Array(3 * MIB));
  await writable.close();
  await expect(store.read({ start: 0, end: 1 })).rejects.toThrow(handle.name);
});

test("open() doesn't trust a journal when somebody changed the file meanwhile", async () => {
  const handle = await pick();
  const { content, manifest } = await createSampleFile(2 * MIB);
  const store = createPickedFileStore({ handle });
  await store.open(manifest, { signal });
  await store.write(0, content.slice(0, MIB));
  await store.write(1, content.slice(MIB));
  await store.close();
  const writable = await handle.createWritable({ keepExistingData: true });
  await writable.write({ type: "write", position: 5, data: new Uint8Array([content[5]! ^ 1]) });
  await writable.close();
  const have = await store.open(manifest, { signal });
  expect([have.has(0), have.has(1)]).toEqual([false, true]);
  await store.close();
  await forgetAll();
});

test("complete() cuts off what somebody added meanwhile", async () => {
  const handle = await pick();
  const { content, manifest } = await createSampleFile(2 * MIB);
  const store = createPickedFileStore({ handle });
  await store.open(manifest, { signal });
  await store.write(0, content.slice(0, MIB));
  await store.close();
  const writable = await handle.createWritable({ keepExistingData: true });
  await writable.write({ type: "write", position: 2 * MIB, data: new Uint8Array(100) });
  await writable.close();
  expect((await store.open(manifest, { signal })).size).toBe(1);
  await store.write(1, content.slice(MIB));
  await store.complete();
  await store.close();
  expect(equalBytes(await bytesOf(handle), content)).toBe(true);
});

test("createPickedFileStore() lets nobody else into the file, and says so", async () => {
  const handle = await pick();
  const { manifest } = await createSampleFile(MIB);
  const first = createPickedFileStore({ handle });
  await first.open(manifest, { signal });
  const second = createPickedFileStore({ handle });
  await expect(second.open(manifest, { signal })).rejects.toMatchObject({ code: "conflict" });
  await first.close();
  await forgetAll();
});
