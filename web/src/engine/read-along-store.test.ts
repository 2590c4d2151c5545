import { PanalError } from "@panal/sdk";
import { equalBytes, pieceRange, PieceSet } from "@panal/sdk/content";
import { createSampleFile, describeStore } from "@panal/sdk/testing";
import { createMemoryStore, type ReadableStore } from "@panal/sdk/transfer";
import { describe, expect, it } from "vitest";
import { type BrowserPlace, createReadAlongStore } from "./read-along-store.ts";

const MIB = 1024 * 1024;
const { content, manifest } = await createSampleFile(4 * MIB + 5);
const signal = new AbortController().signal;
const pieceOf = (index: number) => {
  const { start, end } = pieceRange(index, manifest);
  return content.slice(start, end);
};
/** Not by toEqual(), which takes seconds for megabytes. */
const expectWhole = (bytes: Uint8Array | undefined) =>
  expect(bytes !== undefined && equalBytes(bytes, content)).toBe(true);

/** `before`: what the browser's storage has already. */
async function setUp({ before = [], isWhole = false }: { before?: number[]; isWhole?: boolean } = {}) {
  const beside = createMemoryStore();
  const picked = createMemoryStore();
  const reads: string[] = [];
  const removed: string[] = [];
  const noted = (name: string, store: ReadableStore, change: Partial<ReadableStore> = {}): ReadableStore => ({
    ...store,
    async read(range) {
      reads.push(`${name} ${range.start / MIB}`);
      return store.read(range);
    },
    ...change,
  });
  if (before.length > 0) {
    await beside.open(manifest, { signal });
    for (const index of before) await beside.write(index, pieceOf(index));
    await beside.close();
  }
  const faults: { beside?: PanalError } = {};
  const browser: BrowserPlace = {
    find: async () => (before.length > 0 ? { isComplete: isWhole } : undefined),
    whole: async () => (isWhole ? new Blob([content]) : undefined),
    createStore: () =>
      noted("beside", beside, {
        async write(index, data) {
          if (faults.beside !== undefined) throw faults.beside;
          await beside.write(index, data);
        },
      }),
    remove: async () => void removed.push("part"),
  };
  const committedPieces = new PieceSet(manifest.pieceCount);
  const committed = () => committedPieces;
  const store = createReadAlongStore({ picked: { ...noted("picked", picked), committed }, browser });
  const readPieces = async (start: number, end: number) => {
    const range = { start: start * MIB, end: Math.min(content.length, end * MIB) };
    expect(equalBytes(await store.read(range), content.slice(range.start, range.end))).toBe(true);
  };
  return { store, picked, beside, reads, removed, faults, committedPieces, readPieces };
}

describeStore("createReadAlongStore()", async () => {
  const picked = createMemoryStore();
  const browser: BrowserPlace = {
    find: async () => undefined,
    whole: async () => undefined,
    createStore: createMemoryStore,
    remove: async () => {},
  };
  return {
    createStore: () => createReadAlongStore({ picked: { ...picked, committed: () => undefined }, browser }),
    finishedBytes: async () => picked.bytes,
    remove: async () => {},
  };
});

describe("createReadAlongStore()", () => {
  it("reads what came before somebody read along from the picked file, and what came since from beside it", async () => {
    const { store, reads, readPieces } = await setUp();
    await store.open(manifest, { signal });
    await store.write(0, pieceOf(0));
    await store.write(2, pieceOf(2));
    await store.readAlong(true);
    await store.write(1, pieceOf(1));
    await readPieces(0, 3);
    expect(reads).toEqual(["picked 0", "beside 1", "picked 2"]);
  });

  it("keeps nothing beside while nobody reads along, and nothing once the picked file is whole", async () => {
    const { store, picked, reads, removed, readPieces } = await setUp();
    await store.readAlong(true);
    await store.open(manifest, { signal });
    await store.write(0, pieceOf(0));
    await store.readAlong(false);
    for (const index of [1, 2, 3, 4]) await store.write(index, pieceOf(index));
    await store.readAlong(true);
    await readPieces(0, 5);
    expect(reads).toEqual(["beside 0", ...[1, 2, 3, 4].map((index) => `picked ${index}`)]);
    expect(removed).toEqual([]);
    await store.complete();
    expect(removed).toEqual(["part"]);
    expectWhole(picked.bytes);
    reads.length = 0;
    await readPieces(0, 5);
    expect(reads).toEqual(["picked 0"]);
  });

  it("open() takes over what was watched before, and so what has to come is the rest", async () => {
    const { store, picked, removed } = await setUp({ before: [1, 3] });
    const have = await store.open(manifest, { signal });
    expect([0, 1, 2, 3, 4].filter((index) => have.has(index))).toEqual([1, 3]);
    for (const index of [0, 2, 4]) await store.write(index, pieceOf(index));
    await store.complete();
    await store.close();
    expectWhole(picked.bytes);
    expect(removed).toEqual(["part"]);
  });

  it("open() takes over a whole file, which stays where it is", async () => {
    const { store, picked, removed } = await setUp({ before: [0], isWhole: true });
    expect((await store.open(manifest, { signal })).isFull).toBe(true);
    await store.complete();
    await store.close();
    expectWhole(picked.bytes);
    expect(removed).toEqual([]);
  });

  it("readable() is what neither needs a checkpoint nor waits for one", async () => {
    const { store, committedPieces } = await setUp();
    const readable = () => [0, 1, 2, 3, 4].filter((index) => store.readable()?.has(index));
    await store.open(manifest, { signal });
    for (const index of [0, 2]) await store.write(index, pieceOf(index));
    expect(readable()).toEqual([]);
    committedPieces.add(2);
    expect(readable()).toEqual([2]);
    await store.readAlong(true);
    await store.write(1, pieceOf(1));
    expect(readable()).toEqual([1, 2]);
    await store.readAlong(false);
    expect(readable()).toEqual([2]);
    // Not the store's own.
    store.readable()?.add(4);
    expect(readable()).toEqual([2]);
  });

  it("keeps the part beside when it couldn't take it over", async () => {
    const stop = new AbortController();
    const { store, picked, removed } = await setUp({ before: [1, 3] });
    const { write } = picked;
    picked.write = async (index, data) => {
      await write(index, data);
      stop.abort();
    };
    const stopped = createReadAlongStore({
      picked: { ...picked, committed: () => undefined },
      browser: {
        find: async () => ({ isComplete: true }),
        whole: async () => new Blob([content]),
        createStore: createMemoryStore,
        remove: async () => void removed.push("part"),
      },
    });
    await expect(stopped.open(manifest, { signal: stop.signal })).rejects.toMatchObject({ code: "aborted" });
    await stopped.close();
    picked.write = write;
    // What had come over is there.
    expect((await store.open(manifest, { signal })).size).toBe(3);
    expect(removed).toEqual([]);
  });

  it("goes on when the browser's storage is full, and says so to whoever reads what isn't in it", async () => {
    const { store, picked, faults, readPieces } = await setUp();
    await store.open(manifest, { signal });
    await store.write(0, pieceOf(0));
    await store.readAlong(true);
    await store.write(1, pieceOf(1));
    faults.beside = new PanalError("no-space", "full");
    for (const index of [2, 3, 4]) await store.write(index, pieceOf(index));
    await readPieces(0, 2);
    await expect(readPieces(2, 3)).rejects.toMatchObject({ code: "no-space" });
    await store.complete();
    expectWhole(picked.bytes);
    await readPieces(0, 5);
  });
});
