/** What clocks of computers drift by in a second, at most; a measurement gets worse by that. */
const DRIFT = 1e-4;

/** Milliseconds since 1970 by the database's clock, whatever the clocks of those who use it say. */
export interface SharedClock {
  now(): number;
  /** A time the database told, asked for at `askedAt` and known at `answeredAt`, both by the local clock. */
  note(times: { databaseMs: number; askedAt: number; answeredAt: number }): void;
}

/**
 * The local clock, set right by what the database says. Its answers come late, nobody knows by how much: an estimate is
 * replaced by a better one, or by one that proves it wrong. Never backwards, unless the database's clock was set back.
 */
export function createSharedClock(localNow: () => number): SharedClock {
  let known: { offsetMs: number; errorMs: number; at: number } | undefined;
  let last = 0;
  return {
    now() {
      last = Math.max(last, Math.floor(localNow() + (known?.offsetMs ?? 0)));
      return last;
    },
    note({ databaseMs, askedAt, answeredAt }) {
      const errorMs = (answeredAt - askedAt) / 2;
      const offsetMs = databaseMs - (askedAt + answeredAt) / 2;
      const isFirst = known === undefined;
      const knownErrorMs = known === undefined ? Infinity : known.errorMs + (answeredAt - known.at) * DRIFT;
      const isWrong = known !== undefined && Math.abs(offsetMs - known.offsetMs) > errorMs + knownErrorMs;
      if (!isFirst && !isWrong && errorMs > knownErrorMs) return;
      // By less than the errors, time stands still until it has caught up.
      if (isFirst || isWrong) last = 0;
      known = { offsetMs, errorMs, at: answeredAt };
    },
  };
}
