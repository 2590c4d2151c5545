import type { KnownQueries, KnownQuery } from "../corpus/queries.ts";
import type { LoadGenerator } from "../load/load-generator.ts";
import type { PacedRequest } from "../load/pace.ts";
import { percentile } from "../load/percentile.ts";
import { requestHead } from "../load/request-head.ts";
import type { BenchTracker } from "./bench-tracker.ts";
import type { Figures } from "./trial.ts";

const ROWS = 50;
/** One in so many is for a common word. */
const COMMON_EVERY = 5;
/** Slow enough for a tracker that hasn't been asked for anything yet. */
const CHECKS_PER_SECOND = 50;

export interface IndexSearchesOptions {
  readonly tracker: BenchTracker;
  readonly asking: LoadGenerator;
  readonly queries: KnownQueries;
}

/** Searches whose answers are known. */
export interface IndexSearches {
  /** Asks for everything once. Throws when an answer isn't what was announced. */
  check(): Promise<void>;
  /** The next ones, at a fixed rate. */
  ask(options: { count: number; ratePerSecond: number }): Promise<Figures>;
}

export function createIndexSearches({ tracker, asking, queries }: IndexSearchesOptions): IndexSearches {
  const { port } = tracker;
  const selective = queries.selective.map((query) => searchFor(query, { port, label: "selective" }));
  const common = queries.common.map((query) => searchFor(query, { port, label: "common" }));
  let asked = 0;

  /** The number of each that came before, so that none comes again before all others have. */
  function nextRequests(count: number): PacedRequest[] {
    const requests: PacedRequest[] = [];
    for (; requests.length < count; asked++) {
      const commonBefore = Math.floor(asked / COMMON_EVERY);
      requests.push(
        asked % COMMON_EVERY === 0
          ? common[commonBefore % common.length]!
          : selective[(asked - commonBefore - 1) % selective.length]!,
      );
    }
    return requests;
  }

  return {
    async check() {
      const requests = [...selective, ...common];
      await asking.run({
        type: "pace",
        port,
        requests,
        count: requests.length,
        ratePerSecond: CHECKS_PER_SECOND,
      });
    },

    async ask({ count, ratePerSecond }) {
      const requests = nextRequests(count);
      const latencies = await asking.run({
        type: "pace",
        port,
        requests,
        count,
        ratePerSecond,
        isPunctual: true,
      });
      const within = (label: string, share: number) => percentile(latencies[label] ?? [], share);
      return {
        selective50: within("selective", 0.5),
        selective99: within("selective", 0.99),
        common50: within("common", 0.5),
        common99: within("common", 0.99),
      };
    },
  };
}

function searchFor(
  { q, matches }: KnownQuery,
  { port, label }: { port: number; label: "selective" | "common" },
): PacedRequest {
  const path = `/api/v1/files?q=${encodeURIComponent(q)}&limit=${ROWS}`;
  return {
    bytes: requestHead({ method: "GET", path, port }),
    expected: { type: "page", rows: ROWS, matches: label === "selective" ? matches : undefined },
    label,
  };
}
