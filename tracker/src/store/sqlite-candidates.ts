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
  countedRows,
  createMatcher,
  furtherNames,
  idsOfWords,
  rowsOfContent,
  rowsOfLists,
  rowsOfNames,
  widespreadRows,
} from "./sqlite-name-rows.ts";
import { allLists } from "./sqlite-holders.ts";
import { kindOf } from "./sqlite-names.ts";
import type { Sample } from "./sqlite-sample.ts";
import type { Database } from "./sqlite-schema.ts";
import type { PeerList, Visibility } from "./sqlite-visibility.ts";
import { isNarrow } from "./sqlite-walk.ts";
import { type WordQuery, wordQuery } from "./sqlite-word-query.ts";

/** Names that are looked at for one answer, whether they match or not: some ten milliseconds. */
const MAX_LOOKED = 6_000;
/** Of a common word's names one in so many is looked at first. */
const STRIDE = 20;
/** Of names that begin with what was typed, and of widespread ones, when not all that match can be looked at. */
const MAX_FIRST = 100;

export interface CandidateOptions {
  readonly wanted: Wanted;
  readonly limit: number;
  /** Of a common word, so many are given whole. */
  readonly enough: number;
  readonly sample: Sample | undefined;
}

/** Names that match, by way of whatever index narrows them down the most. */
export async function findCandidates(
  db: Database,
  asking: Asking,
  { wanted, limit, enough, sample }: CandidateOptions,
): Promise<Candidates> {
  const lists = wantedLists(asking.seen, wanted);
  const { contents } = asking;
  const listed = lists && new Set(lists.map(({ list }) => list));
  const matches = createMatcher(db, asking, { wanted, lists: listed });
  const found = new Map<number, Candidate>();
  const { rows, isPartial, common } = narrowest(db, { wanted, lists, sample });
  const most = common === undefined ? limit : Math.min(limit, enough);
  const isWhole = (await collect(rows, { matches, contents, found, limit: most })) && !isPartial;
  const counted: Counted[] = [];
  if (!isWhole) {
    const { text } = wanted.words;
    if (text !== "")
      await collect(beginningRows(db, text, MAX_FIRST), { matches, contents, found, limit: Infinity });
    await collect(widespreadRows(db, MAX_FIRST), { matches, contents, found, limit: Infinity });
    if (common !== undefined) await count(db, asking, { ids: common, found, counted, limit });
  }
  return { names: [...found.values()], counted, isCapped: !isWhole };
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

type Counted = Pick<Candidate, "file" | "kind">;

/** Of names that match whatever is in them, those that aren't among `found`, until there are `limit` with those. */
async function count(
  db: Database,
  { seen }: Asking,
  options: {
    ids: readonly number[];
    found: ReadonlyMap<number, Candidate>;
    counted: Counted[];
    limit: number;
  },
): Promise<void> {
  const { ids, found, counted, limit } = options;
  for (const chunk of countedRows(db, ids)) {
    await setImmediate();
    for (const { id, kind, lists, file } of chunk) {
      if (found.size + counted.length >= limit) return;
      if (kind === null || found.has(id)) continue;
      const isHeld = allLists(db, id, lists).some((list) => seen.peerOf(list) !== undefined);
      if (isHeld) counted.push({ file: file ?? id, kind: kindOf(kind) });
    }
  }
}

/** What leads to all that match, or to some of them. */
interface Lead {
  readonly rows: Rows;
  readonly isPartial: boolean;
  /** Given for very many that match for certain: the names. */
  readonly common?: readonly number[] | undefined;
}

function narrowest(
  db: Database,
  { wanted, lists, sample }: { wanted: Wanted; lists: PeerList[] | undefined; sample: Sample | undefined },
): Lead {
  const { fileId, sizes, dates } = wanted;
  const toAll = (rows: Rows): Lead => ({ rows, isPartial: false });
  if (fileId !== undefined) return toAll(rowsOfContent(db, fileId));
  const listed = lists?.reduce((sum, { fileCount }) => sum + fileCount, 0) ?? Infinity;
  if (lists !== undefined && listed <= MAX_LOOKED) return toAll(rowsOfLists(db, lists));
  const query = wordQuery(db, wanted, { sample, enough: MAX_LOOKED });
  if (query !== undefined) return byWords(db, query, !isNarrow(wanted));
  if (sizes.min > 0 || sizes.max < Number.MAX_SAFE_INTEGER) return toAll(rowsWithin(db, "size", sizes));
  if (dates.min > ANY_DATE.min || dates.max < ANY_DATE.max) return toAll(rowsWithin(db, "mtime", dates));
  return toAll(lists === undefined ? allRows(db) : rowsOfLists(db, lists));
}

function byWords(db: Database, query: WordQuery, isAllThatIsAsked: boolean): Lead {
  // One more than are looked at, so that it shows that there are more.
  const ids = idsOfWords(db, query, MAX_LOOKED + 1);
  const { isPartial, isExact } = query;
  if (ids.length <= MAX_LOOKED) return { rows: rowsOfNames(db, ids), isPartial };
  const common = isExact && isAllThatIsAsked ? ids : undefined;
  return { rows: rowsOfNames(db, spread(ids)), isPartial, common };
}

/** From everywhere first, not the oldest: every so manyth, then those in between. */
function spread(ids: readonly number[]): number[] {
  const order: number[] = [];
  for (let first = 0; first < STRIDE; first++) {
    for (let at = first; at < ids.length; at += STRIDE) order.push(ids[at]!);
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
