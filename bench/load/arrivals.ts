import { setImmediate, setTimeout as sleep } from "node:timers/promises";

/** Timers may be late by this much: who wants to be on time looks at the clock for the rest. */
const TIMER_LATENESS_MS = 1.2;

/** When requests are due, counted from the start: at a fixed rate, whatever became of those before. */
export function dueAtMs(index: number, ratePerSecond: number): number {
  return (index * 1000) / ratePerSecond;
}

export interface ArrivalOptions {
  readonly ratePerSecond: number;
  /** How many; without it they come until they are stopped. */
  readonly count?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Costs a third of a core at 200 a second; without it, each comes up to a millisecond late. */
  readonly isPunctual?: boolean | undefined;
  /** For tests. */
  readonly clock?: ArrivalClock;
}

export interface ArrivalClock {
  nowMs(): number;
  sleep(durationMs: number): Promise<unknown>;
  /** Lets what else is to be done be done, and comes back at once. */
  yield(): Promise<unknown>;
}

const systemClock: ArrivalClock = {
  nowMs: () => performance.now(),
  sleep,
  yield: () => setImmediate(),
};

/**
 * Calls `arrive` for each request when it is due, or as soon after that as this process gets to it, and never waits for
 * what comes of it: a tracker that stalls doesn't slow down who is to come next. `dueAt` is what latency counts from, by the
 * clock of `performance.now()`: so a stall is in the figures of all who came meanwhile.
 */
export async function arrivals(
  { ratePerSecond, count = Infinity, signal, isPunctual = false, clock = systemClock }: ArrivalOptions,
  arrive: (index: number, dueAt: number) => void,
): Promise<void> {
  const startedAt = clock.nowMs();
  for (let index = 0; index < count;) {
    if (signal?.aborted === true) return;
    const dueAt = startedAt + dueAtMs(index, ratePerSecond);
    const earlyMs = dueAt - clock.nowMs();
    if (earlyMs <= 0) {
      arrive(index, dueAt);
      index++;
    } else if (!isPunctual || earlyMs > TIMER_LATENESS_MS) {
      await clock.sleep(isPunctual ? earlyMs - TIMER_LATENESS_MS : earlyMs);
    } else {
      await clock.yield();
    }
  }
}
