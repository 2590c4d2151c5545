import { describe, expect, it } from "vitest";
import { percentile } from "./percentile.ts";

describe("percentile", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it.each([
    { share: 0.5, expected: 50 },
    { share: 0.99, expected: 99 },
    { share: 1, expected: 100 },
    { share: 0, expected: 1 },
    { share: 0.501, expected: 51 },
  ])("percentile() of 1 to 100 at $share is $expected", ({ share, expected }) => {
    expect(percentile(hundred, share)).toBe(expected);
  });

  it("percentile() of one figure is that, and the last of a few is never left out", () => {
    expect(percentile([7], 0.5)).toBe(7);
    expect(percentile([1, 2, 1000], 0.99)).toBe(1000);
  });

  it("percentile() orders as numbers, and leaves what it was given as it was", () => {
    const figures = [10, 9, 100];
    expect(percentile(figures, 0.5)).toBe(10);
    expect(figures).toEqual([10, 9, 100]);
  });

  it("percentile() of nothing throws", () => {
    expect(() => percentile([], 0.5)).toThrow("no figures");
  });
});
