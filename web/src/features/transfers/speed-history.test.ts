import { describe, expect, it } from "vitest";
import { fastestOf, HISTORY_SECONDS, linePoints, NO_SPEEDS, withSpeed } from "./speed-history.ts";

const after = (speeds: readonly [nowMs: number, bytesPerSecond: number][]) =>
  speeds.reduce(
    (history, [nowMs, bytesPerSecond]) => withSpeed(history, { nowMs, bytesPerSecond }),
    NO_SPEEDS,
  );

describe("withSpeed()", () => {
  it.each<[string, [number, number][], number[]]>([
    [
      "keeps the last of several in a second",
      [
        [1000, 5],
        [1250, 7],
        [1999, 9],
      ],
      [9],
    ],
    [
      "puts a second after the other",
      [
        [1000, 5],
        [2000, 7],
        [3999, 9],
      ],
      [5, 7, 9],
    ],
    [
      "bridges one second without news",
      [
        [1000, 5],
        [3000, 7],
      ],
      [5, 5, 7],
    ],
    [
      "shows a pause as one",
      [
        [1000, 5],
        [5000, 7],
      ],
      [5, 0, 0, 0, 7],
    ],
    [
      "goes on in the same second when the clock went back",
      [
        [9000, 5],
        [2000, 7],
      ],
      [7],
    ],
  ])("%s", (_name, speeds, values) => {
    expect(after(speeds).values).toEqual(values);
  });

  it("holds a minute, however long it runs or rests", () => {
    const history = after(Array.from({ length: 500 }, (_, second) => [second * 1000, second]));
    expect(history.values).toHaveLength(HISTORY_SECONDS);
    expect(history.values.at(-1)).toBe(499);
    const rested = withSpeed(history, { nowMs: 1e12, bytesPerSecond: 3 });
    expect(rested.values).toEqual([...Array.from({ length: HISTORY_SECONDS - 1 }, () => 0), 3]);
  });
});

it("linePoints() ends at the right, begins at the left after some seconds, and goes no higher than the fastest", () => {
  const history = after([
    [0, 0],
    [1000, 50],
    [2000, 100],
  ]);
  const size = { width: 140, height: 10 };
  expect(linePoints(history, { fastest: 100, ...size })).toEqual([
    { x: 120, y: 10 },
    { x: 130, y: 5 },
    { x: 140, y: 0 },
  ]);
  expect(linePoints(history, { fastest: 10, ...size })[2]).toEqual({ x: 140, y: 0 });
  const long = after(Array.from({ length: 40 }, (_, second) => [second * 1000, 1]));
  expect(linePoints(long, { fastest: 1, ...size })[0]).toEqual({ x: 0, y: 0 });
});

it("fastestOf() can be divided by, also when nothing ever came", () => {
  expect(fastestOf([])).toBe(1);
  expect(fastestOf([after([[0, 0]]), after([[0, 8]])])).toBe(8);
});
