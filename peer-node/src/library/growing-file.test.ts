import { appendFile, mkdtemp, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Manifest, type PanalError, PieceSet, type Store, pieceRange } from "@panal/sdk";
import { type FileStore, createFileStore } from "@panal/sdk/node";
import { createSampleFile, describeStore } from "@panal/sdk/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stampOf } from "./file-stamp.ts";
import { createGrowingFile } from "./growing-file.ts";
import type { ServedChange } from "./served-files.ts";

const MIB = 1024 * 1024;
const LENGTH = 2 * MIB + 17;
const signal = new AbortController().signal;
const { content, manifest } = await createSampleFile(LENGTH);
const { fileId } = manifest;

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "panal-growing-"));
  path = join(folder, "saved.bin");
});
afterEach(() => rm(folder, { recursive: true }));

/** A file that grows in a store, and what is told of it. */
function grow(fileStore: FileStore = createFileStore({ path })) {
  const changes: ServedChange[] = [];
  const lost: PanalError[] = [];
  const file = createGrowingFile({
    fileId,
    name: "bees.bin",
    mtimeMs: 5_000,
    onLost: (error) => lost.push(error),
  });
  file.subscribe((change) => changes.push(change));
  return { file, store: file.keepIn(fileStore), changes, lost };
}

async function write(store: Store, ...pieces: number[]): Promise<void> {
  for (const index of pieces) {
    const { start, end } = pieceRange(index, manifest);
    await store.write(index, content.subarray(start, end));
  }
}

async function finish(store: Store): Promise<void> {
  await store.complete();
  await store.close();
}

const stampAt = async () => stampOf(await stat(path, { bigint: true }));

async function readPiece(file: ReturnType<typeof grow>["file"], index: number): Promise<Buffer | undefined> {
  const opened = await file.open(fileId);
  if (opened === undefined) return undefined;
  const { start, end } = pieceRange(index, manifest);
  const bytes = Buffer.alloc(end - start);
  try {
    await opened.read([bytes], start);
  } finally {
    await opened.close();
  }
  return bytes;
}

const pieceBytes = (index: number) => {
  const { start, end } = pieceRange(index, manifest);
  return Buffer.from(content.subarray(start, end));
};

describe("createGrowingFile()", () => {
  it("says that nobody knows yet before the download has looked at what is there", () => {
    const { file } = grow();
    expect(file.status()).toMatchObject({ fileCount: 0, isStarting: true });
    expect(file.availability(fileId)).toBeUndefined();
    expect([...file.all()]).toEqual([]);
  });

  it("has what its store has, and says how much is missing", async () => {
    const { file, store } = grow();
    await store.open(manifest, { signal });
    expect(file.status()).toMatchObject({ fileCount: 0, isStarting: false });
    await write(store, 2);
    expect(file.manifest(fileId)).toBe(manifest);
    const have = file.availability(fileId);
    expect(have instanceof PieceSet && [0, 1, 2].map((index) => have.has(index))).toEqual([
      false,
      false,
      true,
    ]);
    expect([...file.all()]).toEqual([
      { path: "bees.bin", fileId, size: LENGTH, mtimeMs: 5_000, missingBytes: 2 * MIB },
    ]);
    expect(file.list("", { size: 9, token: "" }).items).toMatchObject([{ type: "file", name: "bees.bin" }]);
    expect(await readPiece(file, 2)).toEqual(pieceBytes(2));
    await store.close();
  });

  it("has at once what an earlier run has left", async () => {
    const first = grow();
    await first.store.open(manifest, { signal });
    await write(first.store, 0, 1);
    await first.store.close();
    const { file, store, changes } = grow();
    await store.open(manifest, { signal });
    expect(changes).toMatchObject([{ type: "added", file: { missingBytes: 17 } }]);
    expect(await readPiece(file, 1)).toEqual(pieceBytes(1));
    await store.close();
  });

  it("is announced once, with its first piece, and taken back when the download ends without the rest", async () => {
    const { file, store, changes } = grow();
    await store.open(manifest, { signal });
    expect(changes).toEqual([]);
    await write(store, 0, 1);
    expect(changes.map(({ type }) => type)).toEqual(["added"]);
    await store.close();
    expect(changes.map(({ type }) => type)).toEqual(["added", "removed"]);
    expect(file.availability(fileId)).toBeUndefined();
    expect(await file.open(fileId)).toBeUndefined();
  });

  it("goes on while the part gets its name, for who has it open and for who opens it", async () => {
    const { file, store } = grow();
    await store.open(manifest, { signal });
    await write(store, 0, 1, 2);
    const opened = await file.open(fileId);
    await finish(store);
    const bytes = Buffer.alloc(LENGTH);
    await opened?.read([bytes], 0);
    await opened?.close();
    expect(bytes.equals(content)).toBe(true);
    expect(await readPiece(file, 1)).toEqual(pieceBytes(1));
    await file.becomeWhole(manifest, { path, stamp: await stampAt() });
    expect(file.availability(fileId)).toBe("all");
    expect(await readPiece(file, 1)).toEqual(pieceBytes(1));
  });

  it("waits for a name that is being given at the moment", async () => {
    const fileStore = createFileStore({ path });
    const renamed = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    let dataPath = fileStore.dataPath;
    const { file, store } = grow({
      ...fileStore,
      get dataPath() {
        return dataPath;
      },
      async complete() {
        await fileStore.complete();
        renamed.resolve();
        await gate.promise;
        dataPath = path;
      },
    });
    await store.open(manifest, { signal });
    await write(store, 0, 1, 2);
    const completing = store.complete();
    await renamed.promise;
    const reading = readPiece(file, 0);
    gate.resolve();
    await completing;
    expect(await reading).toEqual(pieceBytes(0));
    await store.close();
  });

  it("serves nothing that isn't what the download writes to", async () => {
    const { file, store } = grow();
    await store.open(manifest, { signal });
    await write(store, 0);
    await rename(`${path}.part`, `${path}.moved`);
    await writeFile(`${path}.part`, content);
    expect(await file.open(fileId)).toBeUndefined();
    await store.close();
  });

  it.each([
    { what: "changed", change: () => appendFile(path, "!"), code: "changed" },
    { what: "touched", change: () => utimes(path, 7, 7), code: "changed" },
    { what: "deleted", change: () => rm(path), code: "not-found" },
  ])("is lost when it is $what after it was whole", async ({ change, code }) => {
    const { file, store, changes, lost } = grow();
    await store.open(manifest, { signal });
    await write(store, 0, 1, 2);
    await finish(store);
    await file.becomeWhole(manifest, { path, stamp: await stampAt() });
    await change();
    expect(await file.open(fileId)).toBeUndefined();
    expect(lost).toMatchObject([{ code }]);
    expect(changes.map(({ type }) => type)).toEqual(["added", "removed"]);
    expect(file.availability(fileId)).toBeUndefined();
  });

  it("is lost when something else is at its place by the time it is whole", async () => {
    const { file, store, lost } = grow();
    await store.open(manifest, { signal });
    await write(store, 0, 1, 2);
    await finish(store);
    await writeFile(`${path}.other`, content);
    await rename(`${path}.other`, path);
    await file.becomeWhole(manifest, { path, stamp: await stampAt() });
    expect(lost).toMatchObject([{ code: "changed" }]);
    expect(await file.open(fileId)).toBeUndefined();
  });

  it("can be whole from the beginning", async () => {
    await writeFile(path, content);
    const { file, changes } = grow();
    await file.becomeWhole(manifest, { path, stamp: await stampAt() });
    expect(changes).toEqual([
      { type: "added", file: { path: "bees.bin", fileId, size: LENGTH, mtimeMs: 5_000 } },
    ]);
    expect(await readPiece(file, 2)).toEqual(pieceBytes(2));
  });

  it("has nothing but that file", async () => {
    await writeFile(path, content);
    const { file } = grow();
    await file.becomeWhole(manifest, { path, stamp: await stampAt() });
    const other: Manifest = (await createSampleFile(1)).manifest;
    expect(file.availability(other.fileId)).toBeUndefined();
    expect(file.manifest(other.fileId)).toBeUndefined();
    expect(await file.open(other.fileId)).toBeUndefined();
    expect(file.hasName(fileId, "bees.bin")).toBe(true);
    expect(file.hasName(fileId, "saved.bin")).toBe(false);
  });
});

describeStore("a store in which a file grows", async () => {
  const own = await mkdtemp(join(tmpdir(), "panal-growing-"));
  const place = join(own, "file.bin");
  return {
    createStore: () => grow(createFileStore({ path: place })).store,
    finishedBytes: () =>
      readFile(place).then(
        (bytes) => new Uint8Array(bytes),
        () => undefined,
      ),
    remove: () => rm(own, { recursive: true }),
  };
});
