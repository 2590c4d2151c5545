import type { FileId } from "@panal/sdk";
import { baseKey } from "../search/base-key.ts";
import { fold } from "../search/fold.ts";
import { hasAll, hasAny } from "../search/match-entry.ts";
import type { Wanted } from "../search/parse-search.ts";
import type { Candidate } from "../search/search-source.ts";
import { extensionOf } from "@panal/sdk/thread";
import { decodeBlock } from "./entry-block.ts";
import { allLists } from "./sqlite-holders.ts";
import { WIDESPREAD_ENTRIES } from "./sqlite-index-tables.ts";
import { createContentFinder, kindOf } from "./sqlite-names.ts";
import type { Database } from "./sqlite-schema.ts";
import type { PeerList, Visibility } from "./sqlite-visibility.ts";

// What may be of interest to a search, from each of the indexes, some rows at a time.

/** Rows of one statement: half a millisecond. */
const CHUNK_ROWS = 128;
/** Names of a content that are looked at; an empty file has thousands. */
const MAX_NAMES = 1_000;

export type NameRow = {
  id: number;
  path: string | null;
  kind: number | null;
  lists: Uint8Array | null;
  /** Of a further name: the row of its content. The last three are then in that. */
  file: number | null;
  size: number | null;
  mtime: number | null;
  entries: number | null;
};

const COLUMNS = "n.id, n.path, n.kind, n.lists, n.file, n.size, n.mtime, n.entries";

export type Rows = Iterable<readonly NameRow[]>;

export function nameRow(db: Database, id: number): NameRow | undefined {
  return db.get<NameRow>(`SELECT ${COLUMNS} FROM names n WHERE n.id = ?`, [id]);
}

/** A content's names, its own row first, whether that has a name or not. */
export function namesOfContent(db: Database, id: number): NameRow[] {
  const own = nameRow(db, id);
  if (own === undefined) return [];
  return [
    own,
    ...db.all<NameRow>(`SELECT ${COLUMNS} FROM names n WHERE n.file = ? LIMIT ?`, [id, MAX_NAMES]),
  ];
}

/** Names that an index of words or letters finds, in the order they were announced. */
export function* matchingRows(db: Database, index: "substrings" | "word_starts", match: string): Rows {
  for (let after = 0; ;) {
    const rows = db.all<NameRow>(
      `SELECT ${COLUMNS} FROM ${index} JOIN names n ON n.id = ${index}.rowid
       WHERE ${index} MATCH ? AND ${index}.rowid > ? ORDER BY ${index}.rowid LIMIT ?`,
      [match, after, CHUNK_ROWS],
    );
    yield rows;
    if (rows.length < CHUNK_ROWS) return;
    after = rows.at(-1)!.id;
  }
}

/** All names, the last announced first. */
export function* allRows(db: Database): Rows {
  for (let before = Number.MAX_SAFE_INTEGER; ;) {
    const rows = db.all<NameRow>(`SELECT ${COLUMNS} FROM names n WHERE n.id < ? ORDER BY n.id DESC LIMIT ?`, [
      before,
      CHUNK_ROWS,
    ]);
    yield rows;
    if (rows.length < CHUNK_ROWS) return;
    before = rows.at(-1)!.id;
  }
}

/** Names whose base begins with a text. */
export function* beginningRows(db: Database, text: string, limit: number): Rows {
  yield db.all<NameRow>(
    `SELECT ${COLUMNS} FROM bases b JOIN names n ON n.id = b.name WHERE b.base >= ? AND b.base < ?
     ORDER BY b.base, b.name LIMIT ?`,
    [text, `${text}\u{10ffff}`, limit],
  );
}

/** Names of what most peers have. */
export function* widespreadRows(db: Database, limit: number): Rows {
  yield db.all<NameRow>(
    `SELECT ${COLUMNS} FROM names n INDEXED BY names_by_entries WHERE n.entries >= ${WIDESPREAD_ENTRIES}
     ORDER BY n.entries DESC LIMIT ?`,
    [limit],
  );
}

export function* rowsOfContent(db: Database, fileId: FileId): Rows {
  const content = createContentFinder(db).find(fileId);
  if (content !== undefined) yield namesOfContent(db, content.id);
}

export function* rowsOfLists(db: Database, lists: readonly PeerList[]): Rows {
  for (const { list } of lists) {
    for (let after: string | undefined; ;) {
      const row = db.get<{ first: string; entries: Uint8Array }>(
        "SELECT first, entries FROM blocks WHERE list = ? AND first > ? ORDER BY first LIMIT 1",
        [list, after ?? ""],
      );
      if (row === undefined) break;
      yield decodeBlock(row.entries).flatMap(({ name }) => nameRow(db, name) ?? []);
      after = row.first;
    }
  }
}

/** A value that contents are sorted by, and where in that order one stands. */
export type ColumnPlace = readonly [value: number, id: number];

/** Contents in the order of a column, behind `after`. */
export function* contentRows(
  db: Database,
  column: "size" | "mtime",
  { isDown, after }: { isDown: boolean; after: ColumnPlace | undefined },
): Iterable<readonly (NameRow & { size: number; mtime: number })[]> {
  const [beyond, direction] = isDown ? ["<", "DESC"] : [">", "ASC"];
  const select = `SELECT ${COLUMNS} FROM names n INDEXED BY names_by_${column} WHERE n.${column} IS NOT NULL`;
  type Content = NameRow & { size: number; mtime: number };
  let [value, id] = after ?? (isDown ? [Number.MAX_SAFE_INTEGER, 0] : [Number.MIN_SAFE_INTEGER, 0]);
  for (;;) {
    // First the rest of those with the same value: as one condition, SQLite would look at all of them each time.
    const same = db.all<Content>(
      `${select} AND n.${column} = ? AND n.id ${beyond} ? ORDER BY n.id ${direction} LIMIT ?`,
      [value, id, CHUNK_ROWS],
    );
    const rest = db.all<Content>(
      `${select} AND n.${column} ${beyond} ? ORDER BY n.${column} ${direction}, n.id ${direction} LIMIT ?`,
      [value, CHUNK_ROWS - same.length],
    );
    const rows = [...same, ...rest];
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
): Iterable<readonly (NameRow & { base: string })[]> {
  for (let [base, name] = after; ;) {
    const rows = db.all<NameRow & { base: string }>(
      `SELECT b.base, ${COLUMNS} FROM bases b JOIN names n ON n.id = b.name
       WHERE (b.base, b.name) > (?, ?) ORDER BY b.base, b.name LIMIT ?`,
      [base, name, CHUNK_ROWS],
    );
    yield rows;
    if (rows.length < CHUNK_ROWS) return;
    const last = rows.at(-1)!;
    [base, name] = [last.base, last.id];
  }
}

/** Whether a name is wanted: as a candidate, if it is. */
export type Matcher = (row: NameRow) => Candidate | undefined;

export function createMatcher(
  db: Database,
  seen: Visibility,
  { wanted, lists }: { wanted: Wanted; lists: ReadonlySet<number> | undefined },
): Matcher {
  const { words, without, exts, kinds, sizes } = wanted;

  function isHeld(row: NameRow): boolean {
    // Most are held by one, and that one is there.
    return allLists(db, row.id, row.lists).some(
      (list) => (lists === undefined || lists.has(list)) && seen.peerOf(list) !== undefined,
    );
  }

  return (row) => {
    const { path } = row;
    if (path === null) return undefined;
    const kind = kindOf(row.kind!);
    if (kinds !== undefined && !kinds.includes(kind)) return undefined;
    const folded = fold(path);
    if (!hasAll(folded, words) || hasAny(folded, without)) return undefined;
    if (exts !== undefined && !exts.includes(extensionOf(path))) return undefined;
    const content = row.file === null ? row : nameRow(db, row.file);
    if (content === undefined || content.size! < sizes.min || content.size! > sizes.max) return undefined;
    if (!isHeld(row)) return undefined;
    return {
      name: row.id,
      file: content.id,
      folded,
      base: baseKey(path),
      kind,
      size: content.size!,
      mtime: content.mtime!,
      peersAtMost: content.entries!,
    };
  };
}
