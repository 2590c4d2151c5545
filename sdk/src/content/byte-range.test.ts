import { describe, expect, test } from "vitest";
import { contentRange, parseRange, rangeHeader } from "./byte-range.ts";

describe.each([
  { range: { start: 0, end: 1 }, asked: "bytes=0-0", given: "bytes 0-0/1000" },
  { range: { start: 5, end: 10 }, asked: "bytes=5-9", given: "bytes 5-9/1000" },
  { range: { start: 0, end: 1000 }, asked: "bytes=0-999", given: "bytes 0-999/1000" },
])("the bytes $range", ({ range, asked, given }) => {
  test("are asked for with their last one, as parseRange() reads it", () => {
    expect(rangeHeader(range)).toBe(asked);
    expect(parseRange(rangeHeader(range), 1000)).toEqual(range);
  });

  test("are given with their last one and the length of all", () => {
    expect(contentRange(range, 1000)).toBe(given);
  });
});
