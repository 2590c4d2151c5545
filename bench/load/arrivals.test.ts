import { describe, expect, it } from "vitest";
import { type ArrivalClock, arrivals, dueAtMs } from "./arrivals.ts";

/** Time that passes only by sleeping, with a lateness, and by looking away. */
function manualClock({ latenessMs = 0, nowMs = 0 } = {}): ArrivalClock & { pass(ms: number): void } {
  let now = nowMs;
  return {
    nowMs: () => now,
    pass: (ms) => (now += ms),
    async sleep(durationMs) {
      now += durationMs + latenessMs;
    },
    async yield() {
      now += 0.01;
    },
  };
}

describe("arrivals", () => {
  it("dueAtMs() spreads them evenly, without drift", () => {
    expect([0, 1, 200, 3000].map((index) => dueAtMs(index, 200))).toEqual([0, 5, 1000, 15_000]);
    expect(dueAtMs(3, 300)).toBe(10);
  });

  it("arrivals() comes when due", async () => {
    const clock = manualClock({ nowMs: 1000 });
    const seen: number[][] = [];
    await arrivals({ ratePerSecond: 100, count: 4, clock }, (index, dueAt) => {
      seen.push([index, dueAt, clock.nowMs()]);
    });
    expect(seen).toEqual([
      [0, 1000, 1000],
      [1, 1010, 1010],
      [2, 1020, 1020],
      [3, 1030, 1030],
    ]);
  });

  it("arrivals() leaves nobody out after a stall, and counts from when each was due", async () => {
    const clock = manualClock();
    const seen: number[][] = [];
    await arrivals({ ratePerSecond: 100, count: 5, clock }, (index, dueAt) => {
      seen.push([dueAt, clock.nowMs()]);
      if (index === 1) clock.pass(25);
    });
    expect(seen).toEqual([
      [0, 0],
      [10, 10],
      [20, 35],
      [30, 35],
      [40, 40],
    ]);
  });

  it("arrivals() is on time with late timers when it is to be punctual, and late otherwise", async () => {
    async function latest(isPunctual: boolean): Promise<number> {
      const clock = manualClock({ latenessMs: 1 });
      let latest = 0;
      await arrivals({ ratePerSecond: 100, count: 10, isPunctual, clock }, (_, dueAt) => {
        latest = Math.max(latest, clock.nowMs() - dueAt);
      });
      return latest;
    }
    expect(await latest(true)).toBeLessThan(0.02);
    expect(await latest(false)).toBeCloseTo(1, 5);
  });

  it("arrivals() ends when it is stopped", async () => {
    const stopping = new AbortController();
    let arrived = 0;
    await arrivals(
      { ratePerSecond: 100, signal: stopping.signal, clock: manualClock() },
      () => ++arrived === 3 && stopping.abort(),
    );
    expect(arrived).toBe(3);
  });
});
