import { setImmediate } from "node:timers/promises";
import { ANY_DATE } from "../search/date-range.ts";
import type { Wanted } from "../search/parse-search.ts";
import type { Candidate, Candidates } from "../search/search-source.ts";
import {
  type Asking,
  type Contents,
  type Matcher,
  type Rows,
  allRows,
  beginningRows,
  contentRows,
  createMatcher,
  furtherNames,
  idsOfWords,
  rowsOfContent,
  rowsOfLists,
  rowsOfNames,
  widespreadRows,
} from "./sqlite-name-rows.ts";
import type { Sample } from "./sqlite-sample.ts";
import type { Database } from "./sqlite-schema.ts";
import type { PeerList, Visibility } from "./sqlite-visibility.ts";
import { type WordQuery, wordQuery } from "./sqlite-word-query.ts";

/** Names that are looked at for one answer, whether they match or not: some ten milliseconds. */
const MAX_LOOKED = 6_000;
/** Of names that hold a common word, so many that match are enough. */
const ENOUGH = 300;
/** Of names that begin with what was typed, and of widespread ones, when not all that match can be looked at. */
const MAX_FIRST = 100;

export interface CandidateOptions {
  readonly wanted: Wanted;
  readonly limit: number;
  readonly sample: Sample | undefined;
}

/** Names that match, by way of whatever index narrows them down the most. */
export async function findCandidates(
  db: Database,
  asking: Asking,
  { wanted, limit, sample }: CandidateOptions,
): Promise<Candidates> {
  const lists = wantedLists(asking.seen, wanted);
  const { contents } = asking;
  const matches = createMatcher(db, asking, {
    wanted,
    lists: lists && new Set(lists.map(({ list }) => list)),
  });
  const found = new Map<number, Candidate>();
  const { rows, enough, isPartial } = narrowest(db, { wanted, lists, sample });
  const isWhole =
    (await collect(rows, { matches, contents, found, limit: Math.min(limit, enough) })) && !isPartial;
  if (!isWhole) {
    const { text } = wanted.words;
    if (text !== "")
      await collect(beginningRows(db, text, MAX_FIRST), { matches, contents, found, limit: Infinity });
    await collect(widespreadRows(db, MAX_FIRST), { matches, contents, found, limit: Infinity });
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
  {
    matches,
    contents,
    found,
    limit,
  }: {
    matches: Matcher;
    contents: Contents;
    found: Map<number, Candidate>;
    limit: number;
  },
): Promise<boolean> {
  let looked = 0;
  for (const chunk of rows) {
    // Whoever asks for less goes first.
    if (looked > 0) await setImmediate();
    contents.note(chunk);
    contents.load(chunk.flatMap(({ file }) => file ?? []));
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

/** What leads to all that match, or to some of them. */
interface Lead {
  readonly rows: Rows;
  /** How many that match are enough. */
  readonly enough: number;
  readonly isPartial: boolean;
}

function narrowest(
  db: Database,
  { wanted, lists, sample }: { wanted: Wanted; lists: PeerList[] | undefined; sample: Sample | undefined },
): Lead {
  const { fileId, sizes, dates } = wanted;
  const toAll = (rows: Rows): Lead => ({ rows, enough: Infinity, isPartial: false });
  if (fileId !== undefined) return toAll(rowsOfContent(db, fileId));
  const listed = lists?.reduce((sum, { fileCount }) => sum + fileCount, 0) ?? Infinity;
  if (lists !== undefined && listed <= MAX_LOOKED) return toAll(rowsOfLists(db, lists));
  const query = wordQuery(db, wanted, { sample, enough: MAX_LOOKED });
  if (query !== undefined) return byWords(db, query);
  if (sizes.min > 0 || sizes.max < Number.MAX_SAFE_INTEGER) return toAll(rowsWithin(db, "size", sizes));
  if (dates.min > ANY_DATE.min || dates.max < ANY_DATE.max) return toAll(rowsWithin(db, "mtime", dates));
  return toAll(lists === undefined ? allRows(db) : rowsOfLists(db, lists));
}

function byWords(db: Database, query: WordQuery): Lead {
  // One more than are looked at, so that it shows that there are more.
  const ids = idsOfWords(db, query, MAX_LOOKED + 1);
  const { isPartial } = query;
  if (ids.length <= MAX_LOOKED) return { rows: rowsOfNames(db, ids), enough: Infinity, isPartial };
  return { rows: rowsOfNames(db, spread(ids, Math.ceil(MAX_LOOKED / ENOUGH))), enough: ENOUGH, isPartial };
}

/** From everywhere first, not the oldest: every so manyth, then those in between. */
function spread(ids: readonly number[], stride: number): number[] {
  const order: number[] = [];
  for (let first = 0; first < stride; first++) {
    for (let at = first; at < ids.length; at += stride) order.push(ids[at]!);
  }
  return order;
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
