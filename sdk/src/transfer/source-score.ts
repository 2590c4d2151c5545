/** Speed is averaged over about this time: long enough to be calm, short enough to see a stall. */
const AVERAGING_MS = 2000;
/** Wait after the first failure; doubled by each further one. */
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 10_000;

/**
 * What is known of a source from watching it: its speed while it was asked for something, and its failures since
 * it last brought a good piece. Times are the download's clock, in milliseconds.
 */
export interface SourceScore {
  /** Bytes per second, fading while nothing comes; undefined before the first byte. */
  bytesPerSecond(nowMs: number): number | undefined;
  /** Failures in a row. */
  readonly failures: number;
  /** Not to be asked before. */
  readonly retryAtMs: number;
  /** Counts only the time between `busy` and `idle`: a source nobody asks isn't slow. */
  busy(nowMs: number): void;
  idle(nowMs: number): void;
  received(bytes: number, nowMs: number): void;
  succeeded(): void;
  /** Gives the time to wait before the next try, in milliseconds. `jitter`: 0 to 1. */
  failed(nowMs: number, jitter: number): number;
}

export function createSourceScore(): SourceScore {
  // An exponentially weighted average in continuous time, corrected for its start: `weighted` and `elapsed` fade
  // alike, so their ratio is right from the first byte on.
  let weightedBytes = 0;
  let weightedMs = 0;
  let lastMs: number | undefined;
  let hasReceived = false;
  let failures = 0;
  let retryAtMs = Number.NEGATIVE_INFINITY;

  function advance(nowMs: number): void {
    if (lastMs === undefined) return;
    const fade = Math.exp(-(nowMs - lastMs) / AVERAGING_MS);
    weightedBytes *= fade;
    weightedMs = weightedMs * fade + AVERAGING_MS * (1 - fade);
    lastMs = nowMs;
  }

  return {
    bytesPerSecond(nowMs) {
      if (!hasReceived) return undefined;
      advance(nowMs);
      return weightedMs === 0 ? undefined : (weightedBytes / weightedMs) * 1000;
    },
    get failures() {
      return failures;
    },
    get retryAtMs() {
      return retryAtMs;
    },
    busy(nowMs) {
      lastMs ??= nowMs;
    },
    idle(nowMs) {
      advance(nowMs);
      lastMs = undefined;
    },
    received(bytes, nowMs) {
      advance(nowMs);
      weightedBytes += bytes;
      hasReceived = true;
    },
    succeeded() {
      failures = 0;
    },
    failed(nowMs, jitter) {
      const waitMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** failures) * (0.75 + jitter / 2);
      failures++;
      retryAtMs = nowMs + waitMs;
      return waitMs;
    },
  };
}
