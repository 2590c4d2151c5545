import type { Match } from "./match-order.ts";

/** Counts are asked for so many files at a time. */
const MIN_COUNTED = 50;

export interface BestFirstOptions {
  readonly sort: "relevance" | "-peers";
  readonly limit: number;
  /** How many live peers have each file; those that none has may be left out. */
  countPeers(files: readonly number[]): Promise<ReadonlyMap<number, number>>;
}

/**
 * The first `limit` of the matches in an order that peers are part of. Counting is what costs: those that can't come among
 * the first, whatever the count, aren't counted. Files that nobody has any more are left out.
 */
export async function bestFirst(
  matches: readonly Match[],
  { sort, limit, countPeers }: BestFirstOptions,
): Promise<Match[]> {
  const before = beforeBy(sort);
  // Where each would come if as many peers had it as may: nothing comes before that.
  const uncounted = matches.map((match) => ({ match, peers: match.peersAtMost })).sort(before);
  const counted: Placed[] = [];
  const best: Match[] = [];
  let at = 0;
  while (best.length < limit && (at < uncounted.length || counted.length > 0)) {
    const next = uncounted[at];
    const first = counted[0];
    if (first !== undefined && (next === undefined || before(first, next) < 0)) {
      best.push(first.match);
      counted.shift();
      continue;
    }
    const turn = uncounted.slice(at, at + Math.max(MIN_COUNTED, limit - best.length));
    at += turn.length;
    const counts = await countPeers(turn.map(({ match }) => match.file));
    for (const { match } of turn) {
      const peers = counts.get(match.file) ?? 0;
      if (peers > 0) counted.push({ match, peers });
    }
    counted.sort(before);
  }
  return best;
}

interface Placed {
  readonly match: Match;
  readonly peers: number;
}

/** Thousands are sorted for a page: numbers are compared as they are, without a key for each. */
function beforeBy(sort: BestFirstOptions["sort"]): (a: Placed, b: Placed) => number {
  // Two may both have Infinity, whose difference is no number.
  const byPeers = (a: Placed, b: Placed) => (a.peers === b.peers ? 0 : b.peers - a.peers);
  if (sort === "-peers") return (a, b) => byPeers(a, b) || a.match.file - b.match.file;
  return (a, b) =>
    a.match.rank - b.match.rank ||
    byPeers(a, b) ||
    b.match.mtime - a.match.mtime ||
    a.match.file - b.match.file;
}
