import { expect, it } from "vitest";
import { parseDateRange } from "./date-range.ts";

const { MIN_SAFE_INTEGER: BEFORE_ALL, MAX_SAFE_INTEGER: AFTER_ALL } = Number;
const at = (time: string) => Date.parse(time);

it.each([
  ["2025-03-01", at("2025-03-01T00:00:00.000Z"), at("2025-03-01T23:59:59.999Z")],
  ["=2025-02", at("2025-02-01T00:00:00.000Z"), at("2025-02-28T23:59:59.999Z")],
  ["2024", at("2024-01-01T00:00:00.000Z"), at("2024-12-31T23:59:59.999Z")],
  [">2025-03", at("2025-04-01T00:00:00.000Z"), AFTER_ALL],
  [">=2025-03", at("2025-03-01T00:00:00.000Z"), AFTER_ALL],
  ["<2025", BEFORE_ALL, at("2024-12-31T23:59:59.999Z")],
  ["<=2025", BEFORE_ALL, at("2025-12-31T23:59:59.999Z")],
  ["2024..2025-06", at("2024-01-01T00:00:00.000Z"), at("2025-06-30T23:59:59.999Z")],
  ["0099-12-31", at("0099-12-31T00:00:00.000Z"), at("0099-12-31T23:59:59.999Z")],
])("parseDateRange() of %s", (text, min, max) => {
  expect(parseDateRange(text)).toEqual({ min, max });
});

it.each([
  "",
  ">",
  "yesterday",
  "2025-13",
  "2025-02-30",
  "2025-00",
  "25-01-01",
  "2025..2024",
  "1..2..3",
  "2025-1",
  ">2025-01-01T00",
])("parseDateRange() of %j is none", (text) => {
  expect(parseDateRange(text)).toBeUndefined();
});
