import { PanalError } from "../errors.ts";
import { type Clock, systemClock } from "../transfer/clock.ts";

/** A better endpoint has this much time to answer before the next one is tried as well. */
const HEAD_START_MS = 300;

/** What ran at the first endpoint that answered. */
export interface RaceResult<T> {
  readonly url: string;
  readonly value: T;
}

/**
 * Tries the same call at several endpoints of one peer, best first, each 300 ms after the one before or as soon as
 * that has failed; the first answer wins and ends the others. An answer that is an error of the peer itself (it
 * doesn't have the file) is an answer. Throws the first endpoint's failure when none answers.
 */
export async function raceEndpoints<T>(
  urls: readonly string[],
  call: (url: string, signal: AbortSignal) => Promise<T>,
  options: { signal: AbortSignal; clock?: Clock },
): Promise<RaceResult<T>> {
  const { clock = systemClock } = options;
  const [first] = urls;
  if (first === undefined) throw new PanalError("unreachable", "the peer has announced no address");
  const decided = new AbortController();
  const signal = AbortSignal.any([options.signal, decided.signal]);
  const failures: unknown[] = [];
  /** Let the next one start: the one before has failed. */
  const failed = urls.map(() => Promise.withResolvers<void>());

  const attempts = urls.map(async (url, rank) => {
    if (rank > 0) await Promise.race([failed[rank - 1]!.promise, clock.sleep(HEAD_START_MS * rank, signal)]);
    if (signal.aborted) throw new PanalError("aborted", "stopped");
    try {
      return { url, value: await call(url, signal) };
    } catch (error) {
      if (!isNoAnswer(error)) throw new Answer(error);
      failures[rank] = error;
      failed[rank]!.resolve();
      throw error;
    }
  });
  // An error that is an answer ends the race as a success does.
  const outcomes = attempts.map((attempt) =>
    attempt.catch((error: unknown) => {
      if (error instanceof Answer) return error;
      throw error;
    }),
  );
  try {
    const winner = await Promise.any(outcomes);
    if (winner instanceof Answer) throw winner.error;
    return winner;
  } catch (error) {
    throw error instanceof AggregateError ? (failures[0] ?? error.errors[0]) : error;
  } finally {
    decided.abort();
    await Promise.allSettled(outcomes);
  }
}

class Answer {
  readonly error: unknown;
  constructor(error: unknown) {
    this.error = error;
  }
}

function isNoAnswer(error: unknown): boolean {
  switch (PanalError.from(error).code) {
    case "unreachable":
    case "timeout":
    case "aborted":
    case "protocol":
    case "forbidden":
      return true;
    default:
      return false;
  }
}
