import { setImmediate } from "node:timers/promises";
import { extensionsOf } from "@panal/sdk/thread";
import { fold } from "../search/fold.ts";
import { ANY_DATE } from "../search/date-range.ts";
import type { Wanted } from "../search/parse-search.ts";
import type { Candidate, Candidates } from "../search/search-source.ts";
import { trigramsOf } from "../search/trigrams.ts";
import {
  type Matcher,
  type Rows,
  allRows,
  beginningRows,
  contentRows,
  createMatcher,
  matchingRows,
  furtherNames,
  rowsOfContent,
  rowsOfLists,
  widespreadRows,
} from "./sqlite-name-rows.ts";
import type { Sample } from "./sqlite-sample.ts";
import type { Database } from "./sqlite-schema.ts";
import type { PeerList, Visibility } from "./sqlite-visibility.ts";

/** Names that are looked at for one answer, whether they match or not: some ten milliseconds. */
const MAX_LOOKED = 6_000;
/** One more than are looked at, so that it shows that there are more. */
const MAX_MATCHES = MAX_LOOKED + 1;
/** Of names that begin with what was typed, and of widespread ones, when not all that match can be looked at. */
const MAX_FIRST = 200;
/**
 * Of the letters of a word, those that occur least find nearly the same as all of them. Of each word: two common words are
 * rarely in one name, and whoever asks for one of them only looks at so many names, and may miss those with both.
 */
const MAX_TRIGRAMS = 8;

export interface CandidateOptions {
  readonly wanted: Wanted;
  readonly limit: number;
  readonly sample: Sample | undefined;
}

/** Names that match, by way of whatever index narrows them down the most. */
export async function findCandidates(
  db: Database,
  seen: Visibility,
  { wanted, limit, sample }: CandidateOptions,
): Promise<Candidates> {
  const lists = wantedLists(seen, wanted);
  const matches = createMatcher(db, seen, {
    wanted,
    lists: lists && new Set(lists.map(({ list }) => list)),
  });
  const found = new Map<number, Candidate>();
  const all = narrowest(db, { wanted, lists, sample });
  const isWhole = await collect(all, { matches, found, limit });
  if (!isWhole) {
    const { text } = wanted.words;
    if (text !== "") await collect(beginningRows(db, text, MAX_FIRST), { matches, found, limit: Infinity });
    await collect(widespreadRows(db, MAX_FIRST), { matches, found, limit: Infinity });
  }
  return { names: [...found.values()], isCapped: !isWhole };
}

/** The lists of the peers that are asked for; undefined when any will do. */
function wantedLists(seen: Visibility, { peerId, peerNames }: Wanted): PeerList[] | undefined {
  if (peerId === undefined && peerNames === undefined) return undefined;
  return seen.listsOf({ peerId, names: peerNames });
}

/** Gives whether all were looked at. */
async function collect(
  rows: Rows,
  { matches, found, limit }: { matches: Matcher; found: Map<number, Candidate>; limit: number },
): Promise<boolean> {
  let looked = 0;
  for (const chunk of rows) {
    // Whoever asks for less goes first.
    if (looked > 0) await setImmediate();
    for (const row of chunk) {
      const candidate = found.has(row.id) ? undefined : matches(row);
      if (candidate !== undefined) found.set(row.id, candidate);
      if (found.size >= limit) return false;
    }
    looked += chunk.length;
    if (looked >= MAX_LOOKED) return false;
  }
  return true;
}

function narrowest(
  db: Database,
  { wanted, lists, sample }: { wanted: Wanted; lists: PeerList[] | undefined; sample: Sample | undefined },
): Rows {
  const { words, fileId, sizes, dates } = wanted;
  if (fileId !== undefined) return rowsOfContent(db, fileId);
  const listed = lists?.reduce((sum, { fileCount }) => sum + fileCount, 0) ?? Infinity;
  if (lists !== undefined && listed <= MAX_LOOKED) return rowsOfLists(db, lists);
  const letters = [...substringTerms(words.substrings, sample), ...extensionTerms(wanted)];
  if (letters.length > 0)
    return matchingRows(db, { index: "substrings", match: letters.join(" AND "), limit: MAX_MATCHES });
  if (words.starts.length > 0) {
    const match = words.starts.map((word) => `${quoted(word)}*`).join(" AND ");
    return matchingRows(db, { index: "word_starts", match, limit: MAX_MATCHES });
  }
  if (sizes.min > 0 || sizes.max < Number.MAX_SAFE_INTEGER) return rowsWithin(db, "size", sizes);
  if (dates.min > ANY_DATE.min || dates.max < ANY_DATE.max) return rowsWithin(db, "mtime", dates);
  return lists === undefined ? allRows(db) : rowsOfLists(db, lists);
}

function quoted(term: string): string {
  return `"${term.replaceAll('"', '""')}"`;
}

function substringTerms(substrings: readonly string[], sample: Sample | undefined): string[] {
  const rarest = (word: string) => {
    const trigrams = [...new Set(trigramsOf(word))];
    if (sample !== undefined) trigrams.sort((a, b) => sample.trigramCount(a) - sample.trigramCount(b));
    return trigrams.slice(0, MAX_TRIGRAMS);
  };
  return [...new Set(substrings.flatMap(rarest))].map(quoted);
}

/** That a path holds one of the extensions that will do; none when not all of them can be sought. */
function extensionTerms({ exts, kinds }: Wanted): string[] {
  const wanted =
    exts ?? (kinds === undefined || kinds.includes("other") ? undefined : kinds.flatMap(extensionsOf));
  if (wanted === undefined || wanted.length === 0) return [];
  const terms = wanted.map((ext) => [...trigramsOf(fold(`.${ext}`))].map(quoted));
  if (terms.some((trigrams) => trigrams.length === 0)) return [];
  return [`(${terms.map((trigrams) => `(${trigrams.join(" AND ")})`).join(" OR ")})`];
}

function* rowsWithin(
  db: Database,
  column: "size" | "mtime",
  { min, max }: { min: number; max: number },
): Rows {
  for (const contents of contentRows(db, column, {
    isDown: false,
    after: [min - 1, Number.MAX_SAFE_INTEGER],
  })) {
    const fitting = contents.filter((content) => content[column] <= max);
    yield fitting.flatMap((own) => [own, ...furtherNames(db, own)]);
    if (fitting.length < contents.length) return;
  }
}
