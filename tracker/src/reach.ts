import type { PeerRecord, ReachFinding } from "./store/store.ts";

const NOT_YET = { reachable: "unknown", reason: "not checked yet" } as const;
const ORDER = { yes: 0, unknown: 1, no: 2 } as const;

type Verdict = Omit<ReachFinding, "url">;
type Checked = Pick<PeerRecord, "findings" | "checkedAt">;

/** What is known of one of a peer's addresses. */
export function reachOfUrl({ findings }: Checked, url: string): Verdict {
  return findings.find((finding) => finding.url === url) ?? NOT_YET;
}

/**
 * What is known of a peer: reachable when one of its addresses is; not, when none of those that could be called is. An
 * address the tracker may not call says nothing.
 */
export function reachOfPeer({ findings }: Pick<Checked, "findings">): Verdict {
  for (const wanted of ["yes", "no", "unknown"] as const) {
    const found = findings.find(({ reachable }) => reachable === wanted);
    if (found !== undefined) return found;
  }
  return NOT_YET;
}

/** Reachable first, then unknown, then not: for sorting. */
export function reachRank({ reachable }: Verdict): number {
  return ORDER[reachable];
}
