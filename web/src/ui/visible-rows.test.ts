import { describe, expect, it } from "vitest";
import { itemByKey, itemsInSight, itemsToRender, rowCount, scrollFor } from "./visible-rows.ts";

const list = { itemCount: 50_000, columns: 1, rowHeightPx: 40 };
const grid = { itemCount: 10, columns: 4, rowHeightPx: 100 };

it("itemsInSight() are those with a pixel in sight", () => {
  expect(itemsInSight(list, { topPx: 0, heightPx: 400 })).toEqual({ start: 0, end: 10 });
  expect(itemsInSight(list, { topPx: 39, heightPx: 400 })).toEqual({ start: 0, end: 11 });
  expect(itemsInSight(list, { topPx: 49_990 * 40, heightPx: 4000 })).toEqual({ start: 49_990, end: 50_000 });
  expect(itemsInSight(grid, { topPx: 150, heightPx: 100 })).toEqual({ start: 4, end: 10 });
});

it("itemsToRender() adds some at both ends", () => {
  expect(itemsToRender(list, { start: 100, end: 110 })).toEqual({ start: 92, end: 118 });
  expect(itemsToRender(grid, { start: 4, end: 10 })).toEqual({ start: 0, end: 10 });
});

it("rowCount() counts a row that isn't full", () => {
  expect([rowCount(list), rowCount(grid), rowCount({ ...grid, itemCount: 0 })]).toEqual([50_000, 3, 0]);
});

describe("itemByKey()", () => {
  it.each([
    ["ArrowDown", 5, 6],
    ["ArrowUp", 0, -1],
    ["ArrowRight", 5, undefined],
    ["PageDown", 5, 14],
    ["PageUp", 5, 0],
    ["End", 5, 49_999],
    ["Home", 5, 0],
    ["x", 5, undefined],
    ["constructor", 5, undefined],
  ])("%s in a list leads from %i to %s", (key, from, to) => {
    expect(itemByKey(list, { key, from, rowsInSight: 10 })).toBe(to);
  });

  it.each([
    ["ArrowDown", 1, 5],
    ["ArrowRight", 3, 4],
    ["ArrowLeft", 4, 3],
    ["PageDown", 1, 9],
  ])("%s in a grid leads from %i to %i", (key, from, to) => {
    expect(itemByKey(grid, { key, from, rowsInSight: 3 })).toBe(to);
  });
});

it("scrollFor() scrolls as little as possible", () => {
  const view = { topPx: 400, heightPx: 200 };
  expect(scrollFor(list, 11, view)).toBe(400);
  expect(scrollFor(list, 5, view)).toBe(200);
  expect(scrollFor(list, 20, view)).toBe(640);
});
