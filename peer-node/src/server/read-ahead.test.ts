import { PanalError } from "@panal/sdk";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ReadableFile } from "../library/served-files.ts";
import { sampleBytes } from "../testing/shared-folder.ts";
import { BLOCK_DATA_BYTES, type BlockPool, createBlockPool } from "./block-pool.ts";
import { type FilledBlock, createReadAhead } from "./read-ahead.ts";
import { MAX_MESSAGE_HEADER_BYTES } from "./stream-frames.ts";

const BLOCKS = 40;
const content = sampleBytes((BLOCKS - 1) * BLOCK_DATA_BYTES + 5);

/** Notes how many blocks each read is for. */
function fakeFile(reads: number[]): ReadableFile {
  return {
    path: "a",
    length: content.length,
    async read(targets, position) {
      reads.push(targets.length);
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
    expect(reads).toEqual([1, 1, 2, 4, 8, 8, 8, 8]);
    expect(pool.taken).toBe(0);
  });

  it("gives back what was read ahead when nobody takes it, and goes on from there", async () => {
    const ahead = start();
    for (let index = 0; index < 8; index++) pool.giveBack((await ahead.next())!.block);
    const held = (await ahead.next())!;
    vi.advanceTimersByTime(100);
    await vi.waitFor(() => expect(pool.taken).toBe(1));
    const next = (await ahead.next())!;
    const at = range.start + 9 * BLOCK_DATA_BYTES;
    expect(dataOf(next).equals(content.subarray(at, at + BLOCK_DATA_BYTES))).toBe(true);
    // One at a time from now on.
    expect(reads.at(-1)).toBe(1);
    expect(pool.taken).toBe(2);
    pool.giveBack(held.block);
    pool.giveBack(next.block);
    ahead.close();
  });

  it("reads ahead again for whoever has become quick again", async () => {
    const ahead = start();
    pool.giveBack((await ahead.next())!.block);
    vi.advanceTimersByTime(100);
    reads.length = 0;
    for (let index = 0; index < 12; index++) pool.giveBack((await ahead.next())!.block);
    expect(reads).toEqual([1, 1, 1, 2, 4, 8, 8]);
    ahead.close();
    await vi.waitFor(() => expect(pool.taken).toBe(0));
  });

  it("reads ahead only while there is room for everybody", async () => {
    pool = createBlockPool(4);
    const many = [start(), start(), start(), start(), start(), start()];
    for (const each of many) await each.next();
    // Each has its own block; there was room for three more.
    expect(pool.taken).toBeLessThanOrEqual(many.length + 3);
    expect(pool.taken).toBeGreaterThan(many.length);
    for (const each of many) each.close();
    await vi.waitFor(() => expect(pool.taken).toBe(many.length));
  });

  it("gives back what a read that was under way brings after the end", async () => {
    const ahead = start();
    const asked = ahead.next();
    ahead.close();
    expect(await asked).toBeUndefined();
    expect(pool.taken).toBe(0);
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
    expect(pool.taken).toBe(0);
  });
});
