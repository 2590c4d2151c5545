import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PieceSet } from "./piece-set.ts";

describe("PieceSet", () => {
  test("keeps piece 0 in the highest bit of byte 0", () => {
    const set = new PieceSet(10);
    set.add(0);
    set.add(9);
    expect([...set.toBitmap()]).toEqual([0b1000_0000, 0b0100_0000]);
  });

  test("full() has every piece and no bit past the last one", () => {
    expect([...PieceSet.full(10).toBitmap()]).toEqual([0xff, 0b1100_0000]);
    expect([...PieceSet.full(8).toBitmap()]).toEqual([0xff]);
    expect([...PieceSet.full(0).toBitmap()]).toEqual([]);
    for (const count of [0, 1, 8, 9]) expect(PieceSet.full(count).isFull).toBe(true);
  });

  test("ignores pieces that can't be, and counts each once", () => {
    const set = new PieceSet(3);
    for (const index of [-1, 3, 8, 2 ** 32, 1, 1]) set.add(index);
    expect([set.size, set.has(1), set.has(-1), set.has(3), set.has(8)]).toEqual([
      1,
      true,
      false,
      false,
      false,
    ]);
    set.delete(0);
    set.delete(1);
    set.delete(1);
    expect(set.size).toBe(0);
  });

  test("behaves as a set of numbers does", () => {
    const change = fc.record({ index: fc.integer({ min: 0, max: 70 }), isAdded: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 70 }), fc.array(change), (count, changes) => {
        const set = new PieceSet(count);
        const model = new Set<number>();
        for (const { index, isAdded } of changes) {
          if (isAdded) set.add(index);
          else set.delete(index);
          if (index < count) model[isAdded ? "add" : "delete"](index);
        }
        const indexes = Array.from({ length: count }, (_, index) => index).filter((index) => set.has(index));
        expect(indexes).toEqual([...model].sort((a, b) => a - b));
        expect([set.size, set.isFull]).toEqual([model.size, model.size === count]);
        expect(PieceSet.fromBitmap(set.toBitmap(), count).toBitmap()).toEqual(set.toBitmap());
      }),
    );
  });

  test.each([
    ["too short", [], 1],
    ["too long", [0, 0], 8],
    ["with a bit past the last piece", [0b0000_0001], 7],
    ["of an empty file with bits", [0x80], 0],
  ])("fromBitmap() refuses one %s", (_what, bytes, count) => {
    expect(() => PieceSet.fromBitmap(Uint8Array.from(bytes), count)).toThrow(
      expect.objectContaining({ code: "invalid" }),
    );
  });

  test("shares its bits with nobody", () => {
    const set = PieceSet.full(8);
    set.toBitmap()[0] = 0;
    const copy = set.clone();
    copy.delete(0);
    const bitmap = Uint8Array.of(0xff);
    const read = PieceSet.fromBitmap(bitmap, 8);
    bitmap[0] = 0;
    expect([set.size, set.has(0), copy.size, read.has(0)]).toEqual([8, true, 7, true]);
  });
});
