import type { Clock } from "./clock.ts";
import type { DownloadProgress, DownloadResult } from "./events.ts";
import { createSourceScore } from "./source-score.ts";
import { type SourceState, sourceProgress } from "./source-state.ts";

/** Counts the bytes of a download; all in bytes. */
export interface Tally {
  received(bytes: number): void;
  verified(bytes: number): void;
  /** Were there before. */
  resumed(bytes: number): void;
  progress(now: { length: number; isWaiting: boolean; states: readonly SourceState[] }): DownloadProgress;
  result(now: { length: number; states: readonly SourceState[] }): DownloadResult;
}

export function createTally(clock: Clock): Tally {
  const startedMs = clock.now();
  const speed = createSourceScore();
  speed.busy(startedMs);
  let verifiedBytes = 0;
  let resumedBytes = 0;
  let fetchedBytes = 0;

  return {
    received(bytes) {
      fetchedBytes += bytes;
      speed.received(bytes, clock.now());
    },
    verified(bytes) {
      verifiedBytes += bytes;
    },
    resumed(bytes) {
      resumedBytes += bytes;
      verifiedBytes += bytes;
    },
    progress({ length, isWaiting, states }) {
      const now = clock.now();
      const isIdle = states.every(({ runs }) => runs.size === 0);
      const bytesPerSecond = isIdle ? 0 : Math.round(speed.bytesPerSecond(now) ?? 0);
      return {
        length,
        verifiedBytes,
        resumedBytes,
        bytesPerSecond,
        ...(bytesPerSecond > 0 ? { secondsLeft: Math.ceil((length - verifiedBytes) / bytesPerSecond) } : {}),
        state: isWaiting ? "waiting" : "running",
        sources: states.map((state) => sourceProgress(state, now)),
      };
    },
    result({ length, states }) {
      const now = clock.now();
      return {
        length,
        resumedBytes,
        fetchedBytes,
        durationMs: now - startedMs,
        sources: states.map((state) => sourceProgress(state, now)),
      };
    },
  };
}
