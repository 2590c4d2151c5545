/** Speed is averaged over about this time: long enough to be calm, short enough to see a stall. */
const AVERAGING_MS = 2000;
/** Wait after the first failure; doubled by each further one. */
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 10_000;
/** Of one failure, so much is forgiven for each good piece: who fails again and again is asked less and less. */
const FORGIVEN_BY_PIECE = 0.25;
/** How long a request without a byte is waited for, before its source was watched for a while. */
const FIRST_PATIENCE_MS = 10_000;
const MIN_PATIENCE_MS = 4_000;
const MAX_PATIENCE_MS = 30_000;
/** Gaps seen before they are believed. */
const MIN_GAPS = 8;
/** Patience in usual gaps (and four deviations, as TCP has it): far more than any hiccup. */
const PATIENCE_GAPS = 10;

/**
 * What is known of a source from watching it: its speed while it was asked for something, and its failures since
 * it last brought a good piece. Times are the download's clock, in milliseconds.
 */
export interface SourceScore {
  /** Bytes per second, fading while nothing comes; undefined before the first byte. */
  bytesPerSecond(nowMs: number): number | undefined;
  /** Failures in a row. */
  readonly failures: number;
  /** A request of it that brings nothing for so long is given up: by how it used to send, longer after each failure. */
  patienceMs(): number;
  /** Time between two parts of one answer. */
  gap(ms: number): void;
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
  /** Failures, forgiven little by little. */
  let penalty = 0;
  let gaps = 0;
  let meanGapMs = 0;
  let gapDeviationMs = 0;
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
    patienceMs() {
      if (gaps < MIN_GAPS) return FIRST_PATIENCE_MS;
      const usualMs = PATIENCE_GAPS * (meanGapMs + 4 * gapDeviationMs);
      return Math.min(MAX_PATIENCE_MS, Math.max(MIN_PATIENCE_MS, usualMs) * 2 ** failures);
    },
    gap(ms) {
      gaps++;
      // As RFC 6298 has it for round trips.
      if (gaps === 1) meanGapMs = ms;
      gapDeviationMs += (Math.abs(ms - meanGapMs) - gapDeviationMs) / 4;
      meanGapMs += (ms - meanGapMs) / 8;
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
      penalty = Math.max(0, penalty - FORGIVEN_BY_PIECE);
    },
    failed(nowMs, jitter) {
      const waitMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** penalty) * (0.75 + jitter / 2);
      failures++;
      penalty++;
      retryAtMs = nowMs + waitMs;
      return waitMs;
    },
  };
}
