import type { FileId, ReportCounts } from "@panal/sdk";
import { reachOfPeer, reachRank } from "./reach.ts";
import type { FileHolder, SourceReport, Store } from "./store/store.ts";

/** A report counts less and less, and after this no more. */
const WINDOW_MS = 60 * 60_000;
/** Of all files together; beyond it, and its tens of megabytes, the oldest go. */
const MAX_REPORTS = 100_000;
const TIDY_MS = 60_000;
/** What any number of reports comes to at most, in the steps of `reachRank`: behind others, but there. */
const MAX_RANK = 3;

export interface ReportedHolder extends FileHolder {
  readonly reports: ReportCounts;
}

/** What clients say of sources. */
export interface SourceReports {
  /** Keeps a report; gives what has been said of that source. */
  add(report: Omit<SourceReport, "at">): Promise<ReportCounts>;
  /** The holders of a file with what is said of them, the best first. */
  order(fileId: FileId, holders: readonly FileHolder[]): Promise<ReportedHolder[]>;
  /** Forgets what is old; to be called now and then. */
  tick(): Promise<void>;
}

export function createSourceReports({
  store,
  now,
}: {
  store: Pick<Store, "reports">;
  now: () => number;
}): SourceReports {
  let tidiedAt = now();

  async function byPeer(fileId: FileId): Promise<Map<string, { counts: ReportCounts; weight: number }>> {
    const since = now() - WINDOW_MS;
    const found = new Map<string, { counts: ReportCounts; weight: number }>();
    for (const { peerId, reason, at } of await store.reports.ofFile(fileId, since)) {
      const { counts, weight } = found.get(peerId) ?? { counts: NONE, weight: 0 };
      found.set(peerId, {
        counts: { ...counts, [reason]: counts[reason] + 1 },
        weight: weight + Math.min(1, (at - since) / WINDOW_MS),
      });
    }
    return found;
  }

  return {
    async add(report) {
      await store.reports.add({ ...report, at: now() });
      return (await byPeer(report.fileId)).get(report.peerId)?.counts ?? NONE;
    },
    async order(fileId, holders) {
      const said = await byPeer(fileId);
      return holders
        .map((holder) => {
          const { counts, weight } = said.get(holder.peer.peerId) ?? { counts: NONE, weight: 0 };
          const rank = reachRank(reachOfPeer(holder.peer)) + Math.min(MAX_RANK, Math.log2(1 + weight));
          return { holder: { ...holder, reports: counts }, rank };
        })
        .sort((a, b) => a.rank - b.rank)
        .map(({ holder }) => holder);
    },
    async tick() {
      if (now() - tidiedAt < TIDY_MS) return;
      tidiedAt = now();
      await store.reports.forget({ before: now() - WINDOW_MS, keep: MAX_REPORTS });
    },
  };
}

const NONE: ReportCounts = { corrupt: 0, unreachable: 0 };
