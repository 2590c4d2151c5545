import { PanalError } from "../errors.ts";
import { type Clock, systemClock } from "../transfer/clock.ts";
import { panalErrorFromConnect } from "./connect-errors.ts";
import type { EndpointMemory } from "./endpoint-memory.ts";
import type { RankedEndpoint } from "./rank-endpoints.ts";

/** What ran at the first endpoint that answered. */
export interface RaceResult<T> {
  readonly url: string;
  readonly value: T;
  /** Those before it that had said nothing by then: to wait for them was in vain. One that failed made nobody wait. */
  readonly lost: readonly string[];
}

/**
 * Tries the same call at several endpoints of one peer, best first, each at its time or as soon as the one before
 * has failed; the first answer wins and ends the others. An answer that is an error of the peer itself (it
 * doesn't have the file) is an answer. Throws the first endpoint's failure when none answers.
 */
export async function raceEndpoints<T>(
  endpoints: readonly Pick<RankedEndpoint, "url" | "startMs">[],
  call: (url: string, signal: AbortSignal) => Promise<T>,
  options: { signal: AbortSignal; clock?: Clock },
): Promise<RaceResult<T>> {
  const { clock = systemClock } = options;
  if (endpoints.length === 0) throw new PanalError("unreachable", "the peer has announced no address");
  const decided = new AbortController();
  const signal = AbortSignal.any([options.signal, decided.signal]);
  const failures: unknown[] = [];
  /** Let the next one start: the one before has failed. */
  const failed = endpoints.map(() => Promise.withResolvers<void>());

  const attempts = endpoints.map(async ({ url, startMs }, rank) => {
    if (rank > 0) await Promise.race([failed[rank - 1]!.promise, clock.sleep(startMs, signal)]);
    if (signal.aborted) throw new PanalError("aborted", "stopped");
    try {
      const value = await call(url, signal);
      const lost = endpoints.filter((_, before) => before < rank && failures[before] === undefined);
      return { url, value, lost: lost.map((before) => before.url) };
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

/** The same for calls to a peer: errors as ours, and what was found out of the endpoints is remembered. Gives the one that answered. */
export async function callAtBest<T>(
  ranked: readonly RankedEndpoint[],
  call: (url: string, signal: AbortSignal) => Promise<T>,
  { memory, ...options }: { signal: AbortSignal; clock?: Clock; memory: EndpointMemory },
): Promise<{ endpoint: RankedEndpoint; value: T }> {
  const { url, value, lost } = await raceEndpoints(
    ranked,
    async (candidate, signal) => {
      try {
        return await call(candidate, signal);
      } catch (error) {
        throw panalErrorFromConnect(error);
      }
    },
    options,
  );
  const endpointOf = (wanted: string) => ranked.find((each) => each.url === wanted)!;
  // Of those through the tracker silence says nothing of this network.
  memory.note({ won: url, lost: lost.filter((each) => endpointOf(each).route === "direct") });
  return { endpoint: endpointOf(url), value };
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
