import { describe, expect, it } from "vitest";
import { createSourceScore } from "./source-score.ts";

describe("createSourceScore()", () => {
  it("tells the speed of the time it was asked for something", () => {
    const score = createSourceScore();
    expect(score.bytesPerSecond(0)).toBeUndefined();
    score.busy(0);
    for (let now = 100; now <= 5_000; now += 100) score.received(100, now);
    expect(score.bytesPerSecond(5_000)).toBeCloseTo(1_000, -2);
    score.idle(5_000);
    expect(score.bytesPerSecond(60_000)).toBeCloseTo(1_000, -2);
  });

  it("is patient by what a source is used to, within bounds", () => {
    const gaps = (ms: number, count = 100) => {
      const score = createSourceScore();
      for (let i = 0; i < count; i++) score.gap(ms);
      return score;
    };
    expect(createSourceScore().patienceMs()).toBe(10_000);
    expect(gaps(1, 7).patienceMs()).toBe(10_000);
    expect(gaps(1).patienceMs()).toBe(4_000);
    expect(gaps(1_000).patienceMs()).toBeCloseTo(10_000, -2);
    expect(gaps(20_000).patienceMs()).toBe(30_000);
    const uneven = createSourceScore();
    for (let i = 0; i < 100; i++) uneven.gap(i % 2 === 0 ? 10 : 1_000);
    expect(uneven.patienceMs()).toBeGreaterThan(20_000);
  });

  it("is more patient after each failure", () => {
    const score = createSourceScore();
    for (let i = 0; i < 10; i++) score.gap(1);
    score.failed(0, 0.5);
    expect(score.patienceMs()).toBe(8_000);
    score.succeeded();
    expect(score.patienceMs()).toBe(4_000);
  });

  it("waits longer after each failure, and forgives only little by little", () => {
    const score = createSourceScore();
    expect([0, 1, 2].map(() => score.failed(0, 0.5))).toEqual([250, 500, 1_000]);
    score.succeeded();
    expect(score.failures).toBe(0);
    expect(score.failed(0, 0.5)).toBeGreaterThan(1_000);
    for (let i = 0; i < 100; i++) score.succeeded();
    expect(score.failed(5, 0.5)).toBe(250);
    expect(score.retryAtMs).toBe(255);
  });
});
