import type { FileId } from "@panal/sdk";
import { createPathFolder } from "../search/base-key.ts";
import { hasAll, hasAny } from "../search/match-entry.ts";
import type { Wanted } from "../search/parse-search.ts";
import type { Candidate } from "../search/search-source.ts";
import { extensionOf } from "@panal/sdk/thread";
import { decodeBlock } from "./entry-block.ts";
import { type InlineLists, MAX_INLINE_LISTS, allLists, decodeLists } from "./sqlite-holders.ts";
import { WIDESPREAD_ENTRIES } from "./sqlite-index-tables.ts";
import { createContentFinder, kindOf } from "./sqlite-names.ts";
import type { Database } from "./sqlite-schema.ts";
import type { PeerList, Visibility } from "./sqlite-visibility.ts";
import type { WordQuery } from "./sqlite-word-query.ts";

// What may be of interest to a search, from each of the indexes, some rows at a time.

/** Rows of one statement: half a millisecond. */
const CHUNK_ROWS = 256;
/** Names of a content that are looked at; an empty file has thousands. */
const MAX_NAMES = 1_000;

export interface NameRow {
  readonly id: number;
  readonly path: string | null;
  readonly kind: number | null;
  readonly lists: InlineLists;
  /** Of a further name: the row of its content. The last three are then in that. */
  readonly file: number | null;
  readonly size: number | null;
  readonly mtime: number | null;
  readonly entries: number | null;
}

type NameTuple = [
  id: number,
  path: string | null,
  kind: number | null,
  lists: InlineLists,
  file: number | null,
  size: number | null,
  mtime: number | null,
  entries: number | null,
];

const COLUMNS = "n.id, n.path, n.kind, n.lists, n.file, n.size, n.mtime, n.entries";

function fromTuple([id, path, kind, lists, file, size, mtime, entries]: NameTuple): NameRow {
  return { id, path, kind, lists, file, size, mtime, entries };
}

// Whole texts, since statements are kept by them.
const ONE = `SELECT ${COLUMNS} FROM names n WHERE n.id = ?`;
const SOME = `SELECT ${COLUMNS} FROM json_each(?) AS wanted JOIN names n ON n.id = wanted.value`;
const TO_COUNT =
  "SELECT n.id, n.kind, n.lists, n.file FROM json_each(?) AS wanted JOIN names n ON n.id = wanted.value";
const ROOTS = "SELECT n.id, n.root FROM json_each(?) AS wanted JOIN names n ON n.id = wanted.value";
const FURTHER = `SELECT ${COLUMNS} FROM names n WHERE n.file = ? LIMIT ?`;
const ALL_FURTHER = `SELECT ${COLUMNS} FROM json_each(?) AS wanted JOIN names n ON n.file = wanted.value LIMIT ?`;
const LAST = `SELECT ${COLUMNS} FROM names n WHERE n.id < ? ORDER BY n.id DESC LIMIT ?`;
const BEGINNINGS = `SELECT ${COLUMNS} FROM bases b JOIN names n ON n.id = b.name WHERE b.base >= ? AND b.base < ?
  ORDER BY b.base, b.name LIMIT ?`;
const WIDESPREAD = `SELECT ${COLUMNS} FROM names n INDEXED BY names_by_entries
  WHERE n.entries >= ${WIDESPREAD_ENTRIES} ORDER BY n.entries DESC LIMIT ?`;

export type Rows = Iterable<readonly NameRow[]>;

export function nameRow(db: Database, id: number): NameRow | undefined {
  return db.tuples<NameTuple>(ONE, [id]).map(fromTuple)[0];
}

function someRows(db: Database, ids: readonly number[]): NameRow[] {
  return db.tuples<NameTuple>(SOME, [JSON.stringify(ids)]).map(fromTuple);
}

/** A content's names, its own row first, whether that has a name or not. */
export function namesOfContent(db: Database, id: number): NameRow[] {
  const own = nameRow(db, id);
  return own === undefined ? [] : [own, ...furtherNames(db, own)];
}

/** Contents' own rows, each read once for an answer. */
export interface Contents {
  find(id: number): NameRow | undefined;
  /** Reads those that will be asked for, all at once: that takes a fifth of one by one. */
  load(ids: readonly number[]): void;
  /** The same with all their names. */
  loadNames(ids: readonly number[]): void;
  /** What was read in another way. */
  note(rows: readonly NameRow[]): void;
  /** As namesOfContent. */
  namesOf(id: number): NameRow[];
}

export function createContents(db: Database): Contents {
  const rows = new Map<number, NameRow | undefined>();
  const names = new Map<number, NameRow[]>();

  function find(id: number): NameRow | undefined {
    if (!rows.has(id)) rows.set(id, nameRow(db, id));
    return rows.get(id);
  }

  function note(read: readonly NameRow[]): void {
    for (const row of read) if (row.file === null) rows.set(row.id, row);
  }

  function load(ids: readonly number[]): void {
    const missing = [...new Set(ids)].filter((id) => !rows.has(id));
    if (missing.length > 0) note(someRows(db, missing));
  }

  return {
    find,
    load,
    loadNames(ids) {
      load(ids);
      const known = new Map<number, NameRow[]>();
      for (const id of ids) {
        const own = names.has(id) ? undefined : rows.get(id);
        if (own !== undefined) known.set(id, [own]);
      }
      const sought = [...known.values()].flatMap(([own]) => (mayHaveFurther(own!) ? own!.id : []));
      const further =
        sought.length === 0
          ? []
          : db.tuples<NameTuple>(ALL_FURTHER, [JSON.stringify(sought), MAX_NAMES]).map(fromTuple);
      // One of them has very many: each is asked for by itself, when it is its turn.
      if (further.length === MAX_NAMES) return;
      for (const row of further) known.get(row.file!)!.push(row);
      for (const [id, all] of known) names.set(id, all);
    },
    note,
    namesOf(id) {
      const known = names.get(id);
      if (known !== undefined) return known;
      const own = find(id);
      const all = own === undefined ? [] : [own, ...furtherNames(db, own)];
      names.set(id, all);
      return all;
    },
  };
}

/** By the row of their content. */
export function rootsOf(db: Database, ids: readonly number[]): Map<number, Uint8Array> {
  return new Map(db.tuples<[id: number, root: Uint8Array]>(ROOTS, [JSON.stringify(ids)]));
}

/** A content's names besides that of its own row. */
export function furtherNames(db: Database, own: NameRow): NameRow[] {
  if (!mayHaveFurther(own)) return [];
  return db.tuples<NameTuple>(FURTHER, [own.id, MAX_NAMES]).map(fromTuple);
}

/** When all its entries are of the first, there are no others to look for. */
function mayHaveFurther({ lists, entries }: NameRow): boolean {
  const count = decodeLists(lists).length;
  return count === 0 || count >= MAX_INLINE_LISTS || count !== entries;
}

/** Names whose words fit the query, in the order they were announced. */
export function idsOfWords(db: Database, { groups }: WordQuery, limit: number): number[] {
  if (groups.some((terms) => terms.length === 0)) return [];
  const match = groups.map((terms) => `(${terms.join(" OR ")})`).join(" AND ");
  return db
    .tuples<[number]>("SELECT rowid FROM name_words WHERE name_words MATCH ? ORDER BY rowid LIMIT ?", [
      match,
      limit,
    ])
    .map(([id]) => id);
}

export function* rowsOfNames(db: Database, ids: readonly number[]): Rows {
  for (let start = 0; start < ids.length; start += CHUNK_ROWS) {
    yield someRows(db, ids.slice(start, start + CHUNK_ROWS));
  }
}

/** The little of names that it takes to count them: half of what a whole row costs. */
export function* countedRows(
  db: Database,
  ids: readonly number[],
): Iterable<readonly Pick<NameRow, "id" | "kind" | "lists" | "file">[]> {
  for (let start = 0; start < ids.length; start += CHUNK_ROWS) {
    yield db
      .tuples<[number, number | null, InlineLists, number | null]>(TO_COUNT, [
        JSON.stringify(ids.slice(start, start + CHUNK_ROWS)),
      ])
      .map(([id, kind, lists, file]) => ({ id, kind, lists, file }));
  }
}

/** All names, the last announced first. */
export function* allRows(db: Database): Rows {
  for (let before = Number.MAX_SAFE_INTEGER; ;) {
    const rows = db.tuples<NameTuple>(LAST, [before, CHUNK_ROWS]).map(fromTuple);
    yield rows;
    if (rows.length < CHUNK_ROWS) return;
    before = rows.at(-1)!.id;
  }
}

/** Names whose base begins with a text. */
export function* beginningRows(db: Database, text: string, limit: number): Rows {
  yield db.tuples<NameTuple>(BEGINNINGS, [text, `${text}\u{10ffff}`, limit]).map(fromTuple);
}

/** Names of what most peers have. */
export function* widespreadRows(db: Database, limit: number): Rows {
  yield db.tuples<NameTuple>(WIDESPREAD, [limit]).map(fromTuple);
}

export function* rowsOfContent(db: Database, fileId: FileId): Rows {
  const content = createContentFinder(db).find(fileId);
  if (content !== undefined) yield namesOfContent(db, content.id);
}

export function* rowsOfLists(db: Database, lists: readonly PeerList[]): Rows {
  for (const { list } of lists) {
    for (let after = ""; ;) {
      const row = db.get<{ first: string; entries: Uint8Array }>(
        "SELECT first, entries FROM blocks WHERE list = ? AND first > ? ORDER BY first LIMIT 1",
        [list, after],
      );
      if (row === undefined) break;
      const names = decodeBlock(row.entries).map(({ name }) => name);
      yield someRows(db, names);
      after = row.first;
    }
  }
}

/** A value that contents are sorted by, and where in that order one stands. */
export type ColumnPlace = readonly [value: number, id: number];

/** A content's own row. */
export interface ContentRow extends NameRow {
  readonly size: number;
  readonly mtime: number;
}

/** Contents in the order of a column, behind `after`. */
export function* contentRows(
  db: Database,
  column: "size" | "mtime",
  { isDown, after }: { isDown: boolean; after: ColumnPlace | undefined },
): Iterable<readonly ContentRow[]> {
  const [beyond, direction] = isDown ? ["<", "DESC"] : [">", "ASC"];
  const select = `SELECT ${COLUMNS} FROM names n INDEXED BY names_by_${column} WHERE n.${column} IS NOT NULL`;
  const ofSame = `${select} AND n.${column} = ? AND n.id ${beyond} ? ORDER BY n.id ${direction} LIMIT ?`;
  const ofRest = `${select} AND n.${column} ${beyond} ? ORDER BY n.${column} ${direction}, n.id ${direction} LIMIT ?`;
  let [value, id] = after ?? (isDown ? [Number.MAX_SAFE_INTEGER, 0] : [Number.MIN_SAFE_INTEGER, 0]);
  for (;;) {
    // First the rest of those with the same value: as one condition, SQLite would look at all of them each time.
    const same = db.tuples<NameTuple>(ofSame, [value, id, CHUNK_ROWS]);
    const rest = db.tuples<NameTuple>(ofRest, [value, CHUNK_ROWS - same.length]);
    const rows = [...same, ...rest].map(fromTuple) as ContentRow[];
    yield rows;
    if (rows.length < CHUNK_ROWS) return;
    const last = rows.at(-1)!;
    [value, id] = [last[column], last.id];
  }
}

/** Names in the order of their bases, behind `after`. */
export function* rowsByBase(
  db: Database,
  after: readonly [base: string, name: number],
): Iterable<readonly { readonly base: string; readonly row: NameRow }[]> {
  for (let [base, name] = after; ;) {
    const rows = db
      .tuples<[base: string, ...name: NameTuple]>(
        `SELECT b.base, ${COLUMNS} FROM bases b JOIN names n ON n.id = b.name
         WHERE (b.base, b.name) > (?, ?) ORDER BY b.base, b.name LIMIT ?`,
        [base, name, CHUNK_ROWS],
      )
      .map(([first, ...tuple]) => ({ base: first, row: fromTuple(tuple) }));
    yield rows;
    if (rows.length < CHUNK_ROWS) return;
    const last = rows.at(-1)!;
    [base, name] = [last.base, last.row.id];
  }
}

/** Who asks, and what was read for the answer so far. */
export interface Asking {
  readonly seen: Visibility;
  readonly contents: Contents;
}

/** Whether a name is wanted: as a candidate, if it is. */
export type Matcher = (row: NameRow) => Candidate | undefined;

export function createMatcher(
  db: Database,
  { seen, contents }: Asking,
  { wanted, lists }: { wanted: Wanted; lists: ReadonlySet<number> | undefined },
): Matcher {
  const { words, without, exts, kinds, sizes, dates } = wanted;
  const foldPath = createPathFolder();

  function isHeld(row: NameRow): boolean {
    return allLists(db, row.id, row.lists).some(
      (list) => (lists === undefined || lists.has(list)) && seen.peerOf(list) !== undefined,
    );
  }

  return (row) => {
    const { path } = row;
    if (path === null) return undefined;
    // What costs least comes first.
    const kind = kindOf(row.kind!);
    if (kinds !== undefined && !kinds.includes(kind)) return undefined;
    if (row.size !== null && (row.size < sizes.min || row.size > sizes.max)) return undefined;
    const { folded, base } = foldPath(path);
    if (!hasAll(folded, words) || hasAny(folded, without)) return undefined;
    if (exts !== undefined && !exts.includes(extensionOf(path))) return undefined;
    if (!isHeld(row)) return undefined;
    const content = row.file === null ? row : contents.find(row.file);
    if (content === undefined || content.size! < sizes.min || content.size! > sizes.max) return undefined;
    if (content.mtime! < dates.min || content.mtime! > dates.max) return undefined;
    return {
      name: row.id,
      file: content.id,
      folded,
      base,
      kind,
      size: content.size!,
      mtime: content.mtime!,
      peersAtMost: content.entries!,
    };
  };
}
