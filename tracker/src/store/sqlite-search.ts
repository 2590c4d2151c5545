import type { FileId } from "@panal/sdk";
import { invalidField } from "../invalid-fields.ts";
import { formatCursor, parseCursor } from "../search/cursor.ts";
import { rankName } from "../search/rank.ts";
import { type SearchWords, parseWords } from "../search/words.ts";
import type { Database, Param } from "./sqlite-schema.ts";
import { IS_VISIBLE, viewParams } from "./sqlite-peers.ts";
import type { Page, SearchQuery, View } from "./store.ts";

/** Names that are looked at to rank them; a word that occurs in more shows some of them. */
const MAX_CANDIDATES = 2_000;
/** Of these, names that begin with what was typed: they are sought first, so that common words don't hide them. */
const MAX_BEGINNINGS = 500;

/** A file to be shown, and under which of its names. */
export type Hit = { file: number; name: number | undefined };

/** The files that match, in order, by their numbers; `describeHits` fills in the rest. */
export function findFiles(db: Database, view: View, query: SearchQuery): Page<Hit> {
  const words = parseWords(query.q);
  return words.text === "" ? walkFiles(db, view, query) : rankFiles(db, view, { query, words });
}

/** Conditions on `names n JOIN files f`, with their parameters in order. */
function filters(view: View, query: SearchQuery): { sql: string; params: Param[] } {
  const conditions: string[] = [];
  const params: Param[] = [];
  const add = (condition: string, ...values: Param[]) => {
    conditions.push(condition);
    params.push(...values);
  };
  if (query.ext !== undefined) add("n.ext = ?", query.ext.replace(/^\./, "").toLowerCase());
  if (query.kind !== undefined) add("n.kind = ?", query.kind);
  if (query.minSize !== undefined) add("f.size >= ?", query.minSize);
  if (query.maxSize !== undefined) add("f.size <= ?", query.maxSize);
  add(
    `EXISTS (SELECT 1 FROM entries e JOIN peers p ON p.list = e.list WHERE e.name = n.id AND ${IS_VISIBLE}
      ${query.peer === undefined ? "" : "AND p.peer_id = ?"})`,
    ...viewParams(view),
    ...(query.peer === undefined ? [] : [query.peer]),
  );
  return { sql: conditions.join(" AND "), params };
}

// --- without words: along an index, page by page ---

function walkFiles(db: Database, view: View, query: SearchQuery): Page<Hit> {
  switch (query.sort) {
    case "name":
      return walkByName(db, view, query);
    case "size":
    case "-size":
      return walkByColumn(db, view, { query, column: "size" });
    case "mtime":
    case "-mtime":
    // Nothing was asked for: what is new comes first.
    case "relevance":
      return walkByColumn(db, view, { query, column: "mtime" });
    case "-peers":
      return walkByPeers(db, view, query);
  }
}

function walkByColumn(
  db: Database,
  view: View,
  { query, column }: { query: SearchQuery; column: "size" | "mtime" },
): Page<Hit> {
  const isAscending = query.sort === column;
  const after = query.cursor === undefined ? undefined : parseCursor(query.cursor, query.sort, [0, 0]);
  const filter = filters(view, query);
  const [comparison, direction] = isAscending ? [">", ""] : ["<", "DESC"];
  const rows = db.all<{ id: number; key: number }>(
    `SELECT f.id, f.${column} AS key FROM files f
     WHERE ${after ? `(f.${column}, f.id) ${comparison} (?, ?) AND` : ""}
       EXISTS (SELECT 1 FROM names n WHERE n.file = f.id AND ${filter.sql})
     ORDER BY f.${column} ${direction}, f.id ${direction} LIMIT ?`,
    [...(after ?? []), ...filter.params, query.limit + 1],
  );
  return pageOf(
    rows.map(({ id, key }) => ({ hit: { file: id, name: undefined }, key: [key, id] })),
    query,
  );
}

/** Each file once, under the first of its names that fits. */
function walkByName(db: Database, view: View, query: SearchQuery): Page<Hit> {
  const after = query.cursor === undefined ? undefined : parseCursor(query.cursor, query.sort, ["", 0]);
  const filter = filters(view, query);
  const rows = db.all<{ id: number; file: number; base: string }>(
    `SELECT n.id, n.file, n.base FROM names n JOIN files f ON f.id = n.file
     WHERE ${after ? "(n.base, n.id) > (?, ?) AND" : ""} ${filter.sql}
       AND NOT EXISTS (SELECT 1 FROM names m WHERE m.file = n.file AND (m.base, m.id) < (n.base, n.id)
         AND EXISTS (SELECT 1 FROM (SELECT m.id, m.ext, m.kind) AS n WHERE ${filter.sql}))
     ORDER BY n.base, n.id LIMIT ?`,
    [...(after ?? []), ...filter.params, ...filter.params, query.limit + 1],
  );
  return pageOf(
    rows.map(({ id, file, base }) => ({ hit: { file, name: id }, key: [base, id] })),
    query,
  );
}

function walkByPeers(db: Database, view: View, query: SearchQuery): Page<Hit> {
  const after = query.cursor === undefined ? undefined : parseCursor(query.cursor, query.sort, [0, 0]);
  const filter = filters(view, query);
  const rows = db.all<{ file: number; peers: number }>(
    `SELECT counted.file, counted.peers FROM (
       SELECT n.file, count(DISTINCT p.id) AS peers FROM names n JOIN files f ON f.id = n.file
         JOIN entries e ON e.name = n.id JOIN peers p ON p.list = e.list
       WHERE ${IS_VISIBLE} AND EXISTS (SELECT 1 FROM names m WHERE m.file = n.file
         AND EXISTS (SELECT 1 FROM (SELECT m.id, m.ext, m.kind) AS n WHERE ${filter.sql}))
       GROUP BY n.file) AS counted
     ${after ? "WHERE (-counted.peers, counted.file) > (?, ?)" : ""}
     ORDER BY counted.peers DESC, counted.file LIMIT ?`,
    [...viewParams(view), ...filter.params, ...(after ?? []), query.limit + 1],
  );
  return pageOf(
    rows.map(({ file, peers }) => ({ hit: { file, name: undefined }, key: [-peers, file] })),
    query,
  );
}

function pageOf(rows: { hit: Hit; key: (string | number)[] }[], query: SearchQuery): Page<Hit> {
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    rows: page.map(({ hit }) => hit),
    ...(rows.length > query.limit && last ? { nextCursor: formatCursor(query.sort, last.key) } : {}),
  };
}

// --- with words: candidates from the indexes, ranked here ---

type Candidate = { name: number; file: number; folded: string; base: string; size: number; mtime: number };

function rankFiles(
  db: Database,
  view: View,
  { query, words }: { query: SearchQuery; words: SearchWords },
): Page<Hit> {
  const order = `words ${query.sort}`;
  const after =
    query.cursor === undefined ? undefined : parseCursor(query.cursor, order, shapeOf(query.sort));
  const best = new Map<number, Candidate & { rank: number }>();
  for (const candidate of candidates(db, view, { query, words })) {
    const ranked = { ...candidate, rank: rankName(candidate.folded, words) };
    const known = best.get(candidate.file);
    if (known === undefined || compareKeys(relevance(ranked), relevance(known)) < 0)
      best.set(candidate.file, ranked);
  }
  const peerCounts = query.sort === "-peers" ? countPeers(db, view, [...best.keys()]) : undefined;
  const keyOf = (hit: Candidate & { rank: number }): (string | number)[] => {
    switch (query.sort) {
      case "relevance":
        return relevance(hit);
      case "name":
        return [hit.base, hit.name];
      case "size":
        return [hit.size, hit.file];
      case "-size":
        return [-hit.size, hit.file];
      case "mtime":
        return [hit.mtime, hit.file];
      case "-mtime":
        return [-hit.mtime, hit.file];
      case "-peers":
        return [-(peerCounts?.get(hit.file) ?? 0), hit.file];
    }
  };
  const rows = [...best.values()]
    .map((hit) => ({ hit: { file: hit.file, name: hit.name }, key: keyOf(hit) }))
    .filter(({ key }) => after === undefined || compareKeys(key, after) > 0)
    .sort((a, b) => compareKeys(a.key, b.key));
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    rows: page.map(({ hit }) => hit),
    ...(rows.length > query.limit && last ? { nextCursor: formatCursor(order, last.key) } : {}),
  };
}

function relevance(hit: { rank: number; base: string; name: number }): number[] {
  return [hit.rank, hit.base.length, hit.name];
}

function shapeOf(sort: SearchQuery["sort"]): readonly (string | number)[] {
  if (sort === "relevance") return [0, 0, 0];
  return sort === "name" ? ["", 0] : [0, 0];
}

function compareKeys(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (const [index, part] of a.entries()) {
    const other = b[index]!;
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}

function candidates(
  db: Database,
  view: View,
  { query, words }: { query: SearchQuery; words: SearchWords },
): Candidate[] {
  const filter = filters(view, query);
  const columns = "n.id AS name, n.file, n.folded, n.base, f.size, f.mtime";
  const all = [...words.substrings, ...words.starts, ...words.signs];
  const hasShort = [
    ...words.starts.map(() => "has_word_start(n.folded, ?)"),
    ...words.signs.map(() => "instr(n.folded, ?) > 0"),
  ];
  const shortParams = [...words.starts, ...words.signs];
  const short = hasShort.length === 0 ? "" : `AND ${hasShort.join(" AND ")}`;

  // What was typed as one piece, at the start of a base name: every word of it is in the path by that.
  const beginnings = db.all<Candidate>(
    `SELECT ${columns} FROM names n JOIN files f ON f.id = n.file
     WHERE n.base >= ? AND n.base < ? AND ${filter.sql} ORDER BY n.base LIMIT ?`,
    [words.text, `${words.text}\u{10ffff}`, ...filter.params, MAX_BEGINNINGS],
  );
  const { from, match, params } = indexOf(words);
  const others = db.all<Candidate>(
    `SELECT ${columns} FROM ${from} JOIN files f ON f.id = n.file
     WHERE ${match} ${filter.sql} ${short} LIMIT ?`,
    [...params, ...filter.params, ...shortParams, MAX_CANDIDATES],
  );
  const isMatch = ({ folded }: Candidate) => all.every((word) => folded.includes(word));
  return [...new Map([...beginnings.filter(isMatch), ...others].map((row) => [row.name, row])).values()];
}

/** The index that narrows a search down: of substrings when a word is long enough, else of word starts. */
function indexOf(words: SearchWords): { from: string; match: string; params: string[] } {
  const quoted = (word: string) => `"${word.replaceAll('"', '""')}"`;
  const join = (table: string) => ({
    from: `${table} JOIN names n ON n.id = ${table}.rowid`,
    match: `${table} MATCH ? AND`,
  });
  if (words.substrings.length > 0) {
    return { ...join("substrings"), params: [words.substrings.map(quoted).join(" AND ")] };
  }
  if (words.starts.length > 0) {
    return { ...join("word_starts"), params: [words.starts.map((word) => `${quoted(word)}*`).join(" AND ")] };
  }
  return { from: "names n", match: "", params: [] };
}

// --- shared ---

/** How many live peers have each of the files. */
export function countPeers(db: Database, view: View, files: readonly number[]): Map<number, number> {
  const rows = db.all<{ file: number; peers: number }>(
    `SELECT n.file, count(DISTINCT p.id) AS peers FROM json_each(?) AS wanted JOIN names n ON n.file = wanted.value
       JOIN entries e ON e.name = n.id JOIN peers p ON p.list = e.list
     WHERE ${IS_VISIBLE} GROUP BY n.file`,
    [JSON.stringify(files), ...viewParams(view)],
  );
  return new Map(rows.map(({ file, peers }) => [file, peers]));
}

export function fileNumber(db: Database, fileId: FileId): number | undefined {
  return db.get<{ id: number }>("SELECT id FROM files WHERE file_id = ?", [fileId])?.id;
}

/** Throws "invalid" for a range no file can be in, which is a mistake of whoever asks. */
export function checkSizes({ minSize, maxSize }: SearchQuery): void {
  if (minSize !== undefined && maxSize !== undefined && minSize > maxSize) {
    throw invalidField("minSize", `${minSize} is above maxSize (${maxSize})`);
  }
}
