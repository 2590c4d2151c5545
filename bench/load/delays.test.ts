import { describe, expect, it } from "vitest";
import { countDelay, createDelays, delayWithin } from "./delays.ts";

function delaysOf(...all: number[]) {
  const delays = createDelays();
  for (const delayMs of all) countDelay(delays, delayMs);
  return delays;
}

describe("delays", () => {
  it("delayWithin() counts all processes' together", () => {
    const all = [delaysOf(1, 2, 3, 4, 5), delaysOf(6, 7, 8, 9, 1000)];
    expect(delayWithin(all, 0.5)).toBe(5);
    expect(delayWithin(all, 0.9)).toBe(9);
    expect(delayWithin(all, 0.99)).toBe(1000);
    expect(delayWithin(all, 1)).toBe(1000);
  });

  it("countDelay() rounds up, never down", () => {
    expect(delayWithin([delaysOf(0.2)], 1)).toBe(1);
    expect(delayWithin([delaysOf(-0.1)], 1)).toBe(0);
  });

  it("delayWithin() says a minute for all that took longer", () => {
    expect(delayWithin([delaysOf(1, 1e9)], 1)).toBe(60_000);
  });

  it("delayWithin() of nothing throws", () => {
    expect(() => delayWithin([createDelays()], 0.99)).toThrow("nothing came");
  });
});
