import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRange } from "./byte-range.ts";
import corpus from "./testdata/range-headers.json" with { type: "json" };

/** Of the file the corpus is about. */
const CORPUS_LENGTH = 1000;

const length = fc.integer({ min: 0, max: 2 ** 41 });
const number = fc.oneof(
  fc.constantFrom("", "0", "1", "-1", "+1", "1e3", "0x1", " 1", "00", "9007199254740993", "9".repeat(400)),
  fc.nat().map(String),
);
const header = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.tuple(number, number).map(([first, last]) => `bytes=${first}-${last}`),
  fc
    .array(fc.constantFrom("bytes", "=", "-", ",", "0", "7", " ", "\t", "BYTES=", "items=", "5-", "-5"))
    .map((parts) => parts.join("")),
);

describe("parseRange()", () => {
  it("never gives a range that isn't within the file", () => {
    fc.assert(
      fc.property(header, length, (text, size) => {
        const range = parseRange(text, size);
        if (range === undefined || range === "unsatisfiable") return;
        expect(Number.isSafeInteger(range.start) && Number.isSafeInteger(range.end)).toBe(true);
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeGreaterThan(range.start);
        expect(range.end).toBeLessThanOrEqual(size);
      }),
      { numRuns: 1_000 },
    );
  });

  it("gives exactly what a good header asks for", () => {
    fc.assert(
      fc.property(length, length, length, (size, a, b) => {
        const [first, last] = a < b ? [a, b] : [b, a];
        expect(parseRange(`bytes=${first}-${last}`, size)).toEqual(
          first < size ? { start: first, end: Math.min(last + 1, size) } : "unsatisfiable",
        );
      }),
    );
  });

  it("doesn't take long over a long header", () => {
    const started = performance.now();
    for (const unit of ["0", " ", "-", "0-", ",0-1"]) parseRange(`bytes=${unit.repeat(100_000)}`, 5);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it.each(corpus)("makes of $header in the corpus what it should", ({ header: text, range }) => {
    expect(parseRange(text, CORPUS_LENGTH) ?? null).toEqual(range);
  });
});
