import { expect, test } from "vitest";
import { parseSizeRange } from "./size-range.ts";

const MOST = Number.MAX_SAFE_INTEGER;

test.each([
  [">100M", 100_000_001, MOST],
  [">=100M", 100_000_000, MOST],
  ["<1k", 0, 999],
  ["<=1kB", 0, 1_000],
  ["=700", 700, 700],
  ["700b", 700, 700],
  ["1.5KiB", 1_536, 1_536],
  [">1.5", 2, MOST],
  ["<1.5", 0, 1],
  ["10M..1GiB", 10_000_000, 2 ** 30],
  [">0", 1, MOST],
  [">=2T", 2e12, MOST],
])("parseSizeRange() reads %j", (text, min, max) => {
  expect(parseSizeRange(text)).toEqual({ min, max });
});

test.each([
  "",
  ">",
  ">abc",
  "5Q",
  "-5",
  "1..",
  "..",
  "9..2",
  "1..2..3",
  "<0",
  "1e9",
  "9999999999T",
  "1 M",
  "0x10",
  "i",
  "1\n",
])("parseSizeRange() knows no %j", (text) => {
  expect(parseSizeRange(text)).toBeUndefined();
});
