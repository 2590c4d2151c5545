import type { SearchQuery } from "../store/store.ts";
import { rankName } from "./rank.ts";
import type { Candidate } from "./search-source.ts";
import type { SearchWords } from "./words.ts";

/** A file that matches, by the best of its names. */
export interface Match extends Candidate {
  /** 0 best. */
  readonly rank: number;
}

/** One match for each file. */
export function bestOfEach(candidates: readonly Candidate[], words: SearchWords): Match[] {
  const best = new Map<number, Match>();
  for (const candidate of candidates) {
    const match = { ...candidate, rank: rankName(candidate.folded, words) };
    const known = best.get(match.file);
    if (known === undefined || compareKeys(nameKey(match), nameKey(known)) < 0) best.set(match.file, match);
  }
  return [...best.values()];
}

/** Among names of one rank the shortest says most; then the one that was announced first. */
function nameKey({ rank, base, name }: Match): number[] {
  return [rank, base.length, name];
}

/** What files are sorted by, upwards; no two have the same. */
export function matchKey(match: Match, sort: SearchQuery["sort"], peers: number): (string | number)[] {
  switch (sort) {
    case "relevance":
      return [match.rank, -peers, -match.mtime, match.file];
    case "name":
      return [match.base, match.name];
    case "size":
      return [match.size, match.file];
    case "-size":
      return [-match.size, match.file];
    case "mtime":
      return [match.mtime, match.file];
    case "-mtime":
      return [-match.mtime, match.file];
    case "-peers":
      return [-peers, match.file];
  }
}

export function compareKeys(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (const [index, part] of a.entries()) {
    const other = b[index]!;
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}
