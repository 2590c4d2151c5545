import type { MediaKind } from "@panal/sdk";
import type { SearchQuery, View } from "../store/store.ts";
import type { Wanted } from "./parse-search.ts";
import type { KnownWord } from "./typos.ts";

// What a search asks of a database; everything else (order, cursors, counts, typos) is decided here, so that every
// store answers alike. Files and names have numbers that grow with the order in which they were announced.

/** A file to be shown, and under which of its names. */
export interface Hit {
  readonly file: number;
  readonly name: number | undefined;
}

/** A name that matches. */
export interface Candidate {
  readonly name: number;
  readonly file: number;
  readonly folded: string;
  readonly base: string;
  readonly kind: MediaKind;
  readonly size: number;
  readonly mtime: number;
}

/** The values a list without words is sorted by, in the order of SearchSource.walk. */
export type WalkKey = readonly [string | number, number];

export interface SearchSource {
  /** Names that match: all of them, or `limit` and more when there are as many; those that begin with the words among the first. */
  candidates(view: View, wanted: Wanted, limit: number): Promise<Candidate[]>;
  /**
   * Without words: each file once, behind `after`. The key is [base, name number] by "name" and [value, file number]
   * otherwise; "-size" and "-mtime" go down, "-peers" goes up by the negative count.
   */
  walk(
    view: View,
    wanted: Wanted,
    page: { sort: WalkSort; after: WalkKey | undefined; limit: number },
  ): Promise<{ hit: Hit; key: WalkKey }[]>;
  /** How many live peers have each of the files. */
  countPeers(view: View, files: readonly number[]): Promise<Map<number, number>>;
  /** Words of names that start with the character, at most `limit`. */
  wordsFrom(character: string, limit: number): Promise<KnownWord[]>;
}

type WalkSort = Exclude<SearchQuery["sort"], "relevance">;
