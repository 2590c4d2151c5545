import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pieceRange } from "../../content/blocks.ts";
import { equalBytes } from "../../content/merkle.ts";
import { PanalError } from "../../errors.ts";
import type { Store } from "../store.ts";
import { type SampleFile, createSampleFile } from "./sample-file.ts";

/** One place a file can be written to, empty at first, and what can be seen there from outside. */
export interface StorePlace {
  /** A new store over this place; the one before is closed (or its process died). */
  createStore(): Store;
  /** What is there under the file's own name, not counting partial downloads; undefined when nothing is. */
  finishedBytes(): Promise<Uint8Array | undefined>;
  remove(): Promise<void>;
}

const MIB = 1024 * 1024;
const signal = new AbortController().signal;

/** The contract of Store, for every implementation. */
export function describeStore(name: string, createPlace: () => Promise<StorePlace>): void {
  describe(`${name} as a Store`, () => {
    let place: StorePlace;
    let store: Store;

    beforeEach(async () => {
      place = await createPlace();
      store = place.createStore();
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    async function reopen(file: SampleFile) {
      await store.close();
      store = place.createStore();
      return store.open(file.manifest, { signal });
    }

    test("open() has nothing when nothing was written, and shows no file", async () => {
      const file = await createSampleFile(2 * MIB + 5);
      const have = await store.open(file.manifest, { signal });
      expect([have.size, have.pieceCount]).toEqual([0, 3]);
      expect(await place.finishedBytes()).toBeUndefined();
    });

    test("open() stops when the signal has fired", async () => {
      const file = await createSampleFile(1);
      await expect(store.open(file.manifest, { signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: "aborted",
      });
    });

    for (const { length, order, what } of [
      { length: 0, order: [], what: "an empty file" },
      { length: 1, order: [0], what: "one byte" },
      { length: MIB, order: [0], what: "one whole piece" },
      { length: MIB + 1, order: [1, 0], what: "two pieces, backwards" },
      { length: 3 * MIB + 7, order: [2, 0, 3, 1], what: "pieces in any order" },
    ]) {
      test(`complete() makes ${what} whole`, async () => {
        const file = await createSampleFile(length);
        await store.open(file.manifest, { signal });
        for (const index of order) await store.write(index, pieceOf(file, index));
        await store.complete();
        await store.close();
        await expectFinished(place, file);
      });
    }

    test("write() takes several pieces at the same time", async () => {
      const file = await createSampleFile(4 * MIB - 3);
      await store.open(file.manifest, { signal });
      await Promise.all([3, 1, 0, 2].map((index) => store.write(index, pieceOf(file, index))));
      await store.complete();
      await store.close();
      await expectFinished(place, file);
    });

    test("write() is done with its data when it settles, and takes a view of a larger buffer", async () => {
      const file = await createSampleFile(2 * MIB);
      await store.open(file.manifest, { signal });
      const buffer = new Uint8Array(MIB + 64);
      for (const index of [0, 1]) {
        buffer.set(pieceOf(file, index), 32);
        await store.write(index, buffer.subarray(32, 32 + MIB));
        buffer.fill(0xee);
      }
      await store.complete();
      await store.close();
      await expectFinished(place, file);
    });

    test("open() has what an earlier run wrote, and the rest can follow", async () => {
      const file = await createSampleFile(3 * MIB + 1);
      await store.open(file.manifest, { signal });
      await store.write(0, pieceOf(file, 0));
      await store.write(3, pieceOf(file, 3));
      const have = await reopen(file);
      expect([0, 1, 2, 3].filter((index) => have.has(index))).toEqual([0, 3]);
      expect(await place.finishedBytes()).toBeUndefined();
      await store.write(2, pieceOf(file, 2));
      await store.write(1, pieceOf(file, 1));
      await store.complete();
      await store.close();
      await expectFinished(place, file);
    });

    test("complete() works when an earlier run wrote every piece", async () => {
      const file = await createSampleFile(MIB + 1);
      await store.open(file.manifest, { signal });
      await store.write(0, pieceOf(file, 0));
      await store.write(1, pieceOf(file, 1));
      const have = await reopen(file);
      expect(have.isFull).toBe(true);
      await store.complete();
      await store.close();
      await expectFinished(place, file);
    });

    test("the set open() gives is the caller's own", async () => {
      const file = await createSampleFile(MIB + 1);
      const have = await store.open(file.manifest, { signal });
      have.add(0);
      have.add(1);
      await expect(store.complete()).rejects.toBeInstanceOf(PanalError);
    });

    test("complete() refuses while pieces are missing, and the download can go on", async () => {
      const file = await createSampleFile(2 * MIB);
      await store.open(file.manifest, { signal });
      await store.write(1, pieceOf(file, 1));
      await expect(store.complete()).rejects.toBeInstanceOf(PanalError);
      expect(await place.finishedBytes()).toBeUndefined();
      await store.write(0, pieceOf(file, 0));
      await store.complete();
      await store.close();
      await expectFinished(place, file);
    });

    test("open() never takes another file's pieces for this one's", async () => {
      const [file, other] = await Promise.all([createSampleFile(2 * MIB), createSampleFile(2 * MIB, 2)]);
      await store.open(file.manifest, { signal });
      await store.write(0, pieceOf(file, 0));
      await store.close();
      store = place.createStore();
      const found = await store.open(other.manifest, { signal }).then(
        (have) => have.size,
        (error: unknown) => PanalError.from(error).code,
      );
      expect([0, "conflict"]).toContain(found);
    });

    test("write() refuses a piece that isn't of this file, by index or by length", async () => {
      const file = await createSampleFile(MIB + 1);
      await store.open(file.manifest, { signal });
      for (const [index, length] of [
        [2, 1],
        [-1, MIB],
        [0.5, MIB],
        [0, MIB - 1],
        [1, 2],
        [1, 0],
      ] as const) {
        await expect(store.write(index, new Uint8Array(length))).rejects.toMatchObject({ code: "invalid" });
      }
      await expect(store.complete()).rejects.toBeInstanceOf(PanalError);
    });

    test("write() and complete() refuse before open() and after close()", async () => {
      const file = await createSampleFile(1);
      await expect(store.write(0, file.content)).rejects.toBeInstanceOf(PanalError);
      await expect(store.complete()).rejects.toBeInstanceOf(PanalError);
      await store.open(file.manifest, { signal });
      await store.close();
      await expect(store.write(0, file.content)).rejects.toBeInstanceOf(PanalError);
      await expect(store.complete()).rejects.toBeInstanceOf(PanalError);
    });

    test("close() may come twice, and without open()", async () => {
      await store.close();
      await store.close();
    });
  });
}

/** Not by toEqual(), which takes seconds for megabytes. */
async function expectFinished(place: StorePlace, { content }: SampleFile): Promise<void> {
  const bytes = await place.finishedBytes();
  expect(bytes?.length).toBe(content.length);
  expect(bytes !== undefined && equalBytes(bytes, content)).toBe(true);
}

function pieceOf({ content, manifest }: SampleFile, index: number): Uint8Array {
  const { start, end } = pieceRange(index, manifest);
  return content.slice(start, end);
}
