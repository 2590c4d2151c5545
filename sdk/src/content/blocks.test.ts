import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_PIECE_LENGTH, pieceCountFor, pieceLengthFor, pieceRange } from "./blocks.ts";
import { MAX_FILE_LENGTH } from "./file-id.ts";

const MIB = 2 ** 20;
const GIB = 2 ** 30;

describe("pieceLengthFor()", () => {
  test.each([
    [0, MIB],
    [1, MIB],
    [8 * GIB, MIB],
    [8 * GIB + 1, 2 * MIB],
    [16 * GIB, 2 * MIB],
    [16 * GIB + 1, 4 * MIB],
    [64 * GIB + 1, 16 * MIB],
    [128 * GIB, 16 * MIB],
    [128 * GIB + 1, 16 * MIB],
    [MAX_FILE_LENGTH, 16 * MIB],
  ])("gives a file of %d bytes pieces of %d", (length, pieceLength) => {
    expect(pieceLengthFor(length)).toBe(pieceLength);
  });

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, MAX_FILE_LENGTH + 1])(
    "refuses %d bytes",
    (length) => {
      expect(() => pieceLengthFor(length)).toThrow(expect.objectContaining({ code: "too-large" }));
    },
  );

  test("is the smallest power of two from 1 MiB that makes at most 8192 pieces, or 16 MiB", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_FILE_LENGTH }), (length) => {
        const pieceLength = pieceLengthFor(length);
        expect(Number.isInteger(Math.log2(pieceLength))).toBe(true);
        expect(pieceLength).toBeGreaterThanOrEqual(MIB);
        expect(pieceLength).toBeLessThanOrEqual(MAX_PIECE_LENGTH);
        if (pieceLength < MAX_PIECE_LENGTH) expect(pieceCountFor(length)).toBeLessThanOrEqual(8192);
        if (pieceLength > MIB) expect(pieceCountFor(length, pieceLength / 2)).toBeGreaterThan(8192);
      }),
    );
  });
});

test("pieceCountFor() counts the short last piece, and none for an empty file", () => {
  expect([0, 1, MIB, MIB + 1, 2 * MIB].map((length) => pieceCountFor(length))).toEqual([0, 1, 1, 2, 2]);
});

test("pieceRange() covers a file without gaps or overlaps", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 * MIB }), (length) => {
      const file = { length, pieceLength: pieceLengthFor(length) };
      let end = 0;
      for (let index = 0; index < pieceCountFor(length); index++) {
        const range = pieceRange(index, file);
        expect(range.start).toBe(end);
        expect(range.end).toBeGreaterThan(range.start);
        end = range.end;
      }
      expect(end).toBe(length);
    }),
  );
});
