import { backoffMs } from "../transfer/backoff.ts";
import { TrackerError } from "./tracker-client.ts";

// What a peer does when its tracker doesn't answer as hoped.

const FIRST_BACKOFF_MS = 1000;
/** Without an answer: 1 s, 2 s, 4 s ... up to this, half of it left to chance. */
const MAX_BACKOFF_MS = 30_000;
/** However long a tracker asks us to wait. */
const MAX_RETRY_AFTER_MS = 60_000;

/** The tracker doesn't know the peer (any more): it was reset, the peer was silent for too long, or the relay has logged it out. */
export function isForgotten(error: unknown): boolean {
  return (
    error instanceof TrackerError && (error.status === 401 || error.status === 403 || error.status === 404)
  );
}

/** How long the tracker asks to be left alone, in milliseconds; 0 when it doesn't. */
export function askedWaitMs(error: unknown): number {
  const askedMs = error instanceof TrackerError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
  return Math.min(askedMs, MAX_RETRY_AFTER_MS);
}

/** How long to wait after so many failures in a row. `random`: 0 to 1. */
export function trackerBackoffMs(failures: number, random: number): number {
  return backoffMs(failures, { firstMs: FIRST_BACKOFF_MS, maxMs: MAX_BACKOFF_MS, random });
}
