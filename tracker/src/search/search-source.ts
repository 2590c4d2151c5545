import type { MediaKind } from "@panal/sdk";
import type { SearchQuery, View } from "../store/store.ts";
import type { Wanted } from "./parse-search.ts";

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
  /** No more live peers than this have its file, so that most needn't be counted; Infinity when a store can't tell. */
  readonly peersAtMost: number;
}

export interface Candidates {
  readonly names: Candidate[];
  /** More that match, only to be counted: of a common word, whose names are too many to rank them all. */
  readonly counted?: readonly Pick<Candidate, "file" | "kind">[];
  /**
   * There may be more: `limit` was reached, or finding all would cost too much. Then those that begin with the words, and
   * those that very many peers have, are among the ones that were found.
   */
  readonly isCapped: boolean;
}

/** The values a list without words is sorted by, in the order of SearchSource.walk. */
export type WalkKey = readonly [string | number, number];

export interface Walked {
  readonly rows: { readonly hit: Hit; readonly key: WalkKey }[];
  /** Given when there are fewer rows than asked for only because looking further would cost too much: go on behind it. */
  readonly lookedTo?: WalkKey | undefined;
}

export interface SearchSource {
  /**
   * Names that match, with or without words: all of them, or about `limit` of more. Of a common word `enough` of those will do
   * and the others be counted only, if that is cheaper.
   */
  candidates(view: View, wanted: Wanted, limit: number, enough?: number): Promise<Candidates>;
  /**
   * Without words: each file once, behind `after`. The key is [base, name number] by "name" and [value, file number]
   * otherwise; "-size" and "-mtime" go down.
   */
  walk(
    view: View,
    wanted: Wanted,
    page: { sort: WalkSort; after: WalkKey | undefined; limit: number },
  ): Promise<Walked>;
  /** How many live peers have each of the files; those that none has are left out. */
  countPeers(view: View, files: readonly number[]): Promise<Map<number, number>>;
  /** Words of names that start with the character, at most `limit`. */
  wordsFrom(character: string, limit: number): Promise<string[]>;
  /** How many names hold each of the words, whoever has them; of more than MAX_COUNTED_NAMES that many. */
  countNames(words: readonly string[]): Promise<Map<string, number>>;
}

/** Orders that don't change with who is there: a place in them is a key. */
type WalkSort = Exclude<SearchQuery["sort"], "relevance" | "-peers">;
