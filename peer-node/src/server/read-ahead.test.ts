import { PanalError } from "@panal/sdk";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ReadableFile } from "../library/served-files.ts";
import { sampleBytes } from "../testing/shared-folder.ts";
import { BLOCK_DATA_BYTES, type BlockPool, createBlockPool } from "./block-pool.ts";
import { type FilledBlock, createReadAhead } from "./read-ahead.ts";
import { MAX_MESSAGE_HEADER_BYTES } from "@panal/sdk/node";

const BLOCKS = 40;
const content = sampleBytes((BLOCKS - 1) * BLOCK_DATA_BYTES + 5);

/** Notes how much each read is for, in blocks of the smallest size. */
function fakeFile(reads: number[]): ReadableFile {
  return {
    path: "a",
    length: content.length,
    async read(targets, position) {
      reads.push(Math.ceil(targets[0]!.length / BLOCK_DATA_BYTES));
      let at = position;
      for (const target of targets) {
        target.set(content.subarray(at, at + target.length));
        at += target.length;
      }
    },
    close: async () => {},
  };
}

function dataOf({ block, dataLength }: FilledBlock): Buffer {
  return block.subarray(MAX_MESSAGE_HEADER_BYTES, MAX_MESSAGE_HEADER_BYTES + dataLength);
}

describe("createReadAhead()", () => {
  let pool: BlockPool;
  let reads: number[];
  const range = { start: 3, end: content.length };
  const start = () => createReadAhead({ file: fakeFile(reads), range, pool });

  beforeEach(() => {
    pool = createBlockPool();
    reads = [];
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => void vi.useRealTimers());

  it("gives the whole range in order, in larger reads for whoever is quick", async () => {
    const ahead = start();
    const parts: Buffer[] = [];
    for (let next = await ahead.next(); next !== undefined; next = await ahead.next()) {
      parts.push(Buffer.from(dataOf(next)));
      pool.giveBack(next.block);
    }
    expect(Buffer.concat(parts).equals(content.subarray(range.start))).toBe(true);
    expect(reads).toEqual([1, 1, 1, 1, 8, 8, 8, 8, 4]);
    expect(pool.takenBytes).toBe(0);
  });

  it("gives back what was read ahead when nobody takes it, and goes on from there", async () => {
    const ahead = start();
    for (let index = 0; index < 4; index++) pool.giveBack((await ahead.next())!.block);
    const held = (await ahead.next())!;
    expect(held.dataLength).toBe(8 * BLOCK_DATA_BYTES);
    vi.advanceTimersByTime(100);
    await vi.waitFor(() => expect(pool.takenBytes).toBe(8 * BLOCK_DATA_BYTES));
    const next = (await ahead.next())!;
    const at = range.start + 12 * BLOCK_DATA_BYTES;
    expect(dataOf(next).equals(content.subarray(at, at + BLOCK_DATA_BYTES))).toBe(true);
    // Small ones, and none ahead, from now on.
    expect(reads.at(-1)).toBe(1);
    expect(pool.takenBytes).toBe(9 * BLOCK_DATA_BYTES);
    pool.giveBack(held.block);
    pool.giveBack(next.block);
    ahead.close();
  });

  it("reads ahead again for whoever has become quick again", async () => {
    const ahead = start();
    pool.giveBack((await ahead.next())!.block);
    vi.advanceTimersByTime(100);
    reads.length = 0;
    for (let index = 0; index < 6; index++) pool.giveBack((await ahead.next())!.block);
    expect(reads).toEqual([1, 1, 1, 1, 1, 8, 8]);
    ahead.close();
    await vi.waitFor(() => expect(pool.takenBytes).toBe(0));
  });

  it("keeps to the most that may be sent at a time", async () => {
    const ahead = createReadAhead({ file: fakeFile(reads), range, pool, maxBytes: 1000 });
    for (let index = 0; index < 5; index++) {
      const { block, dataLength } = (await ahead.next())!;
      expect(dataLength).toBe(1000);
      pool.giveBack(block);
    }
    ahead.close();
    await vi.waitFor(() => expect(pool.takenBytes).toBe(0));
  });

  it("reads ahead only while there is room for everybody", async () => {
    pool = createBlockPool(4 * BLOCK_DATA_BYTES);
    const many = [start(), start(), start(), start(), start(), start()];
    for (const each of many) await each.next();
    // Each has its own block; there was room for three more.
    const own = many.length * BLOCK_DATA_BYTES;
    expect(pool.takenBytes).toBeLessThanOrEqual(own + 3 * BLOCK_DATA_BYTES);
    expect(pool.takenBytes).toBeGreaterThan(own);
    for (const each of many) each.close();
    await vi.waitFor(() => expect(pool.takenBytes).toBe(own));
  });

  it("gives back what a read that was under way brings after the end", async () => {
    const ahead = start();
    const asked = ahead.next();
    ahead.close();
    expect(await asked).toBeUndefined();
    expect(pool.takenBytes).toBe(0);
  });

  it("tells of a failure where it is, not before, and keeps no block", async () => {
    const file = fakeFile(reads);
    let count = 0;
    const failing: ReadableFile = {
      ...file,
      read: async (targets, position) => {
        if (count++ > 0) throw new PanalError("changed", "changed");
        await file.read(targets, position);
      },
    };
    const ahead = createReadAhead({ file: failing, range, pool });
    pool.giveBack((await ahead.next())!.block);
    await expect(ahead.next()).rejects.toMatchObject({ code: "changed" });
    ahead.close();
    expect(pool.takenBytes).toBe(0);
  });
});
