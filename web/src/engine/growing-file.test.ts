import { pieceRange, PieceSet } from "@panal/sdk/content";
import { createSampleFile, describeStore } from "@panal/sdk/testing";
import { createMemoryStore } from "@panal/sdk/transfer";
import { describe, expect, it } from "vitest";
import { createGrowingFile } from "./growing-file.ts";

const MIB = 1024 * 1024;
const { content, manifest } = await createSampleFile(2 * MIB + 5);
const signal = new AbortController().signal;
const pieceOf = (index: number) => {
  const { start, end } = pieceRange(index, manifest);
  return content.slice(start, end);
};
const last = { start: 2 * MIB, end: 2 * MIB + 5 };

describeStore("createGrowingFile()", async () => {
  const store = createMemoryStore();
  return {
    createStore: () => createGrowingFile(store).store,
    finishedBytes: async () => store.bytes,
    remove: async () => {},
  };
});

describe("createGrowingFile()", () => {
  it("gives what was written, nothing else, and goes on with that when it is whole", async () => {
    const growing = createGrowingFile(createMemoryStore());
    const { store } = growing;
    expect(growing.pieces()).toBeUndefined();
    await store.open(manifest, { signal });
    expect(growing.manifest).toBe(manifest);
    expect(growing.pieces()).toBeUndefined();
    await store.write(2, pieceOf(2));
    expect(growing.pieces()?.size).toBe(1);
    expect(await growing.read(last)).toEqual(content.slice(last.start));
    for (const range of [
      { start: 0, end: 1 },
      { start: 2 * MIB - 1, end: 2 * MIB + 1 },
      { start: 2 * MIB, end: 2 * MIB + 6 },
    ]) {
      await expect(growing.read(range)).rejects.toMatchObject({ code: "unreachable" });
    }
    for (const index of [0, 1]) await store.write(index, pieceOf(index));
    await store.complete();
    await store.close();
    expect(growing.pieces()?.isFull).toBe(true);
    expect(await growing.read(last)).toEqual(content.slice(last.start));
  });

  it("gives nothing more once the download has stopped", async () => {
    const growing = createGrowingFile(createMemoryStore());
    await growing.store.open(manifest, { signal });
    await growing.store.write(2, pieceOf(2));
    await growing.store.close();
    expect(growing.pieces()).toBeUndefined();
    await expect(growing.read(last)).rejects.toMatchObject({ code: "unreachable" });
  });

  it("gives only what can be read at once, as long as that isn't all", async () => {
    const readable = new PieceSet(3);
    const growing = createGrowingFile(createMemoryStore(), () => readable);
    await growing.store.open(manifest, { signal });
    for (const index of [0, 1, 2]) await growing.store.write(index, pieceOf(index));
    expect(growing.pieces()).toBeUndefined();
    readable.add(1);
    expect(growing.pieces()?.size).toBe(1);
    await growing.store.complete();
    expect(growing.pieces()?.isFull).toBe(true);
  });
});
