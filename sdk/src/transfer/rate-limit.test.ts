import { describe, expect, it } from "vitest";
import type { Clock } from "./clock.ts";
import { type RateLimit, createRateLimit } from "./rate-limit.ts";
import { createVirtualClock } from "./testing/virtual-clock.ts";

const MB = 1_000_000;
const KIB = 1024;

interface Taken {
  readonly atMs: number;
  readonly bytes: number;
}

/** Takes again and again, as a stream does, until the time is over; gives what it got and when. */
async function takeUntil(
  limit: RateLimit,
  options: { clock: Clock; untilMs: number; bytes: number; caller?: string },
): Promise<Taken[]> {
  const { clock, untilMs, bytes, caller = "" } = options;
  const all: Taken[] = [];
  while (clock.now() < untilMs) {
    await limit.take(bytes, { caller });
    all.push({ atMs: clock.now(), bytes });
  }
  return all;
}

const sum = (all: readonly Taken[]) => all.reduce((total, { bytes }) => total + bytes, 0);

/** The most that came in any window of so many milliseconds. */
function mostWithin(all: readonly Taken[], windowMs: number): number {
  return Math.max(
    ...all.map(({ atMs }) => sum(all.filter((each) => each.atMs >= atMs && each.atMs < atMs + windowMs))),
  );
}

describe("createRateLimit()", () => {
  it.each([
    { bytesPerSecond: 1000, bytes: 100 },
    { bytesPerSecond: 500_000, bytes: 2500 },
    { bytesPerSecond: 20 * MB, bytes: 64 * KIB },
    { bytesPerSecond: 20 * MB, bytes: 16 },
    { bytesPerSecond: 20 * MB, bytes: 4 * MB },
  ])(
    "lets exactly $bytesPerSecond bytes go a second, $bytes at a time",
    async ({ bytesPerSecond, bytes }) => {
      const clock = createVirtualClock();
      const limit = createRateLimit({ bytesPerSecond, clock });
      const takes = 50;
      for (let index = 0; index < takes; index++) await limit.take(bytes);
      // The last bytes are still to be paid for when they go.
      expect(clock.now()).toBeCloseTo(((takes - 1) * bytes * 1000) / bytesPerSecond, 6);
    },
  );

  it("flows evenly", async () => {
    const clock = createVirtualClock();
    const limit = createRateLimit({ bytesPerSecond: 20 * MB, clock });
    const all = await takeUntil(limit, { clock, untilMs: 400, bytes: limit.quantumBytes });
    expect(mostWithin(all, 50)).toBeLessThanOrEqual(MB + limit.quantumBytes);
  });

  it("catches up on what a busy moment cost, and not on more than a tenth of a second", async () => {
    const clock = createVirtualClock();
    const limit = createRateLimit({ bytesPerSecond: 20 * MB, clock });
    await clock.sleep(80);
    const caughtUp = await takeUntil(limit, { clock, untilMs: 500, bytes: 64 * KIB });
    // One is not paid for yet at the end, one was waited for past it.
    expect(Math.abs(sum(caughtUp) - 10 * MB)).toBeLessThanOrEqual(2 * 64 * KIB);
    await clock.sleep(3600_000);
    const idle = clock.now();
    const after = await takeUntil(limit, { clock, untilMs: idle + 100, bytes: 64 * KIB });
    expect(sum(after)).toBeLessThanOrEqual(4 * MB + 2 * 64 * KIB);
  });

  it("gives callers equal shares by bytes, whatever they take at a time and however often", async () => {
    const clock = createVirtualClock();
    const limit = createRateLimit({ bytesPerSecond: MB, clock });
    const take = (caller: string, bytes: number) => takeUntil(limit, { clock, untilMs: 900, bytes, caller });
    const [greedy, modest, ...many] = await Promise.all([
      take("greedy", 20_000),
      take("modest", 2000),
      ...Array.from({ length: 50 }, () => take("fifty streams", 2000)),
    ]);
    const share = (0.9 * MB) / 3;
    for (const bytes of [sum(greedy), sum(modest), sum(many.flat())]) {
      // As they all stop at the same moment, what each waits for then still comes.
      expect(Math.abs(bytes - share)).toBeLessThanOrEqual(50 * 2000);
    }
    // Within a caller nobody starves either.
    const each = many.map(sum);
    expect(Math.max(...each) - Math.min(...each)).toBeLessThanOrEqual(2000);
  });

  it("owes nothing to whoever paused, and lets nobody pay for having been alone", async () => {
    const clock = createVirtualClock();
    const limit = createRateLimit({ bytesPerSecond: MB, clock });
    const early = takeUntil(limit, { clock, untilMs: 1000, bytes: 5000, caller: "early" });
    await clock.sleep(500);
    const late = await takeUntil(limit, { clock, untilMs: 1000, bytes: 5000, caller: "late" });
    expect(sum(late) / MB).toBeCloseTo(0.25, 1);
    expect(sum(await early) / MB).toBeCloseTo(0.75, 1);
  });

  it("forgets who gave up, without having used anything", async () => {
    const clock = createVirtualClock();
    const limit = createRateLimit({ bytesPerSecond: MB, clock });
    await limit.take(MB);
    const leaving = new AbortController();
    const left = limit.take(1000 * MB, { signal: leaving.signal, caller: "leaves" });
    const next = limit.take(1000, { caller: "stays" });
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: "aborted" });
    await next;
    expect(clock.now()).toBe(1000);
    await expect(limit.take(1, { signal: leaving.signal })).rejects.toMatchObject({ code: "aborted" });
  });

  it("goes on after everybody gave up", async () => {
    const clock = createVirtualClock();
    const limit = createRateLimit({ bytesPerSecond: MB, clock });
    await limit.take(MB);
    const leaving = new AbortController();
    const left = limit.take(1, { signal: leaving.signal });
    leaving.abort();
    const next = limit.take(1);
    await expect(left).rejects.toMatchObject({ code: "aborted" });
    await next;
    expect(clock.now()).toBe(1000);
  });

  it("limits nothing when there is no limit", async () => {
    const clock = createVirtualClock();
    const limit = createRateLimit({ bytesPerSecond: Infinity, clock });
    for (let index = 0; index < 100; index++) await limit.take(1e12);
    expect(clock.now()).toBe(0);
  });

  it.each([
    [1, KIB],
    [2 * MB, 10_000],
    [20 * MB, 64 * KIB],
    [Infinity, 64 * KIB],
  ])("at %d bytes a second it asks for %i at a time", (bytesPerSecond, quantumBytes) => {
    expect(createRateLimit({ bytesPerSecond, clock: createVirtualClock() }).quantumBytes).toBe(quantumBytes);
  });
});
