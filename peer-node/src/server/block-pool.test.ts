import { describe, expect, it } from "vitest";
import { BLOCK_DATA_BYTES, MAX_BLOCK_DATA_BYTES, createBlockPool, dataBytesOf } from "./block-pool.ts";

const LARGE = MAX_BLOCK_DATA_BYTES;

describe("createBlockPool()", () => {
  it("has large blocks for some, small ones for the next, none for reading ahead when all is out, and always one each", () => {
    const pool = createBlockPool(4 * LARGE);
    const sizes = Array.from({ length: 100 }, () => pool.takeAhead(LARGE)).map(
      (block) => block && dataBytesOf(block),
    );
    expect(sizes.filter((size) => size === LARGE)).toHaveLength(3);
    expect(sizes.filter((size) => size === BLOCK_DATA_BYTES)).toHaveLength(LARGE / BLOCK_DATA_BYTES);
    expect(pool.takenBytes).toBe(4 * LARGE);
    expect(dataBytesOf(pool.takeOne())).toBe(BLOCK_DATA_BYTES);
    expect(pool.takeAhead(1)).toBeUndefined();
  });

  it("gives small blocks to whoever wants little", () => {
    expect(dataBytesOf(createBlockPool().takeAhead(LARGE - 1)!)).toBe(BLOCK_DATA_BYTES);
  });

  it("gives the same memory again, never twice", () => {
    const pool = createBlockPool(2 * LARGE);
    const first = pool.takeAhead(LARGE)!;
    pool.giveBack(first);
    expect(pool.takeAhead(LARGE)).toBe(first);
    const other = pool.takeAhead(LARGE)!;
    expect(other).not.toBe(first);
    expect(dataBytesOf(other)).toBe(BLOCK_DATA_BYTES);
  });

  it("counts what was forgotten out, and uses it again only when it has come back", () => {
    const pool = createBlockPool();
    const block = pool.takeOne();
    pool.forget(block);
    expect({ taken: pool.taken, bytes: pool.takenBytes }).toEqual({ taken: 0, bytes: 0 });
    expect(pool.takeOne()).not.toBe(block);
    pool.comeBack(block);
    expect(pool.taken).toBe(1);
    expect(pool.takeOne()).toBe(block);
  });
});
