import { expect, it } from "vitest";
import { parseQuota, parseRate } from "./rate.ts";

it.each([
  ["20M", 20e6],
  ["20m", 20e6],
  ["500K", 500e3],
  ["500k", 500e3],
  ["2.5M", 2.5e6],
  ["1G", 1e9],
  ["0.001K", 1],
  ["800", 800],
])("parseRate(%j) is %d bytes a second", (text, bytesPerSecond) => {
  expect(parseRate(text)).toBeCloseTo(bytesPerSecond, 6);
});

it.each([
  "",
  "0",
  "0M",
  "0.5",
  "-1M",
  "+1M",
  "M",
  ".5M",
  "1.",
  "1 M",
  "20MB",
  "20Mi",
  "20M/s",
  "1e6",
  "NaN",
  "Infinity",
])("parseRate() refuses %j", (text) => expect(() => parseRate(text)).toThrow("expected bytes per second"));

it.each([
  ["50G", 50e9],
  ["1.5T", 1.5e12],
  ["500", 500],
])("parseQuota(%j) is %d bytes", (text, bytes) => expect(parseQuota(text)).toBe(bytes));

it("parseQuota() refuses what is no number of bytes", () => {
  expect(() => parseQuota("much")).toThrow("expected bytes");
});
