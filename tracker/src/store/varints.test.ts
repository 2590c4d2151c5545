import fc from "fast-check";
import { expect, test } from "vitest";
import { pushSigned, pushVarint, readVarints } from "./varints.ts";

test("readVarints() gives what was pushed", () => {
  const number = fc.integer({ min: 0, max: 2 ** 52 });
  const signed = fc.oneof(fc.integer(), fc.integer({ min: -(2 ** 51), max: 2 ** 51 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(number, signed)), (pairs) => {
      const bytes: number[] = [];
      for (const [value, delta] of pairs) {
        pushVarint(bytes, value);
        pushSigned(bytes, delta);
      }
      const reader = readVarints(Uint8Array.from(bytes));
      const read: [number, number][] = [];
      while (!reader.isAtEnd) read.push([reader.next(), reader.nextSigned() + 0]);
      expect(read).toEqual(pairs.map(([value, delta]) => [value, delta + 0]));
    }),
  );
});

test.each([
  [0, 1],
  [127, 1],
  [128, 2],
  [1.7e12, 6],
])("pushVarint() takes %d in %d bytes", (value, length) => {
  const bytes: number[] = [];
  pushVarint(bytes, value);
  expect(bytes).toHaveLength(length);
});
