import type { FileId } from "@panal/sdk";
import { fold } from "../search/fold.ts";
import type { Wanted } from "../search/parse-search.ts";
import type { Candidate, Candidates, SearchSource, Walked } from "../search/search-source.ts";
import { MAX_COUNTED_NAMES } from "../search/typos.ts";
import type { SearchWords } from "../search/words.ts";
import { IS_VISIBLE, viewParams } from "./sqlite-peers.ts";
import type { Database, Param } from "./sqlite-schema.ts";
import type { View } from "./store.ts";

/** Names that begin with what was typed are sought first, up to so many, so that common words don't hide them. */
const MAX_BEGINNINGS = 500;

type Walk = Parameters<SearchSource["walk"]>[2];

export function createSearchSource(db: Database): SearchSource {
  return {
    candidates: async (view, wanted, limit) => candidates(db, view, { wanted, limit }),
    async walk(view, wanted, page) {
      const filter = filters(db, view, wanted);
      switch (page.sort) {
        case "name":
          return walkByName(db, filter, page);
        case "size":
        case "-size":
          return walkByColumn(db, filter, { ...page, column: "size" });
        case "mtime":
        case "-mtime":
          return walkByColumn(db, filter, { ...page, column: "mtime" });
      }
    },
    async countPeers(view, files) {
      const rows = db.all<{ file: number; peers: number }>(
        `SELECT n.file, count(DISTINCT p.id) AS peers FROM json_each(?) AS wanted JOIN names n ON n.file = wanted.value
           JOIN entries e ON e.name = n.id JOIN peers p ON p.list = e.list
         WHERE ${IS_VISIBLE} GROUP BY n.file`,
        [JSON.stringify(files), ...viewParams(view)],
      );
      return new Map(rows.map(({ file, peers }) => [file, peers]));
    },
    wordsFrom: async (character, limit) =>
      db
        .all<{ word: string }>(
          "SELECT term AS word FROM temp.vocabulary WHERE term >= ? AND term < ? LIMIT ?",
          [character, `${character}\u{10ffff}`, limit],
        )
        .map(({ word }) => word),
    async countNames(words) {
      const rows = db.all<{ word: string; names: number }>(
        `SELECT v.term AS word, min(v.doc, ?) AS names FROM json_each(?) AS wanted
           JOIN temp.vocabulary v ON v.term = wanted.value`,
        [MAX_COUNTED_NAMES, JSON.stringify(words)],
      );
      return new Map(rows.map(({ word, names }) => [word, names]));
    },
  };
}

type CandidateRow = Omit<Candidate, "peersAtMost"> & Record<string, Param>;

interface Filter {
  /** On `names n JOIN files f`. */
  readonly sql: string;
  readonly params: readonly Param[];
}

function filters(db: Database, view: View, wanted: Wanted): Filter {
  const { without, exts, kinds, sizes, fileId, peerId, peerNames } = wanted;
  const conditions: string[] = [];
  const params: Param[] = [];
  const add = (condition: string, ...values: Param[]) => {
    conditions.push(condition);
    params.push(...values);
  };
  if (fileId !== undefined) add("f.file_id = ?", fileId);
  if (exts !== undefined) add("n.ext IN (SELECT value FROM json_each(?))", JSON.stringify(exts));
  if (kinds !== undefined) add("n.kind IN (SELECT value FROM json_each(?))", JSON.stringify(kinds));
  if (sizes.min > 0) add("f.size >= ?", sizes.min);
  if (sizes.max < Number.MAX_SAFE_INTEGER) add("f.size <= ?", sizes.max);
  const anywhere = [...without.substrings, ...without.signs];
  // One condition for however many words: the statements that are kept prepared stay few.
  if (anywhere.length > 0) {
    add(
      "NOT EXISTS (SELECT 1 FROM json_each(?) AS word WHERE instr(n.folded, word.value) > 0)",
      JSON.stringify(anywhere),
    );
  }
  if (without.starts.length > 0) {
    add(
      "NOT EXISTS (SELECT 1 FROM json_each(?) AS word WHERE has_word_start(n.folded, word.value))",
      JSON.stringify(without.starts),
    );
  }
  const peers: Filter[] = [];
  if (peerId !== undefined) peers.push({ sql: "AND p.peer_id = ?", params: [peerId] });
  if (peerNames !== undefined) {
    const ids = JSON.stringify(peersNamed(db, view, peerNames));
    peers.push({ sql: "AND p.id IN (SELECT value FROM json_each(?))", params: [ids] });
  }
  add(
    `EXISTS (SELECT 1 FROM entries e JOIN peers p ON p.list = e.list WHERE e.name = n.id AND ${IS_VISIBLE}
      ${peers.map(({ sql }) => sql).join(" ")})`,
    ...viewParams(view),
    ...peers.flatMap((peer) => peer.params),
  );
  return { sql: conditions.join(" AND "), params };
}

function peersNamed(db: Database, view: View, parts: readonly string[]): number[] {
  return db
    .all<{ id: number; name: string }>(
      `SELECT p.id, p.name FROM peers p WHERE ${IS_VISIBLE}`,
      viewParams(view),
    )
    .filter(({ name }) => parts.some((part) => fold(name).includes(part)))
    .map(({ id }) => id);
}

// --- without words: along an index, page by page ---

function walkByColumn(
  db: Database,
  filter: Filter,
  { sort, after, limit, column }: Walk & { column: "size" | "mtime" },
): Walked {
  const [comparison, direction] = sort === column ? [">", ""] : ["<", "DESC"];
  const rows = db.all<{ id: number; key: number }>(
    `SELECT f.id, f.${column} AS key FROM files f
     WHERE ${after ? `(f.${column}, f.id) ${comparison} (?, ?) AND` : ""}
       EXISTS (SELECT 1 FROM names n WHERE n.file = f.id AND ${filter.sql})
     ORDER BY f.${column} ${direction}, f.id ${direction} LIMIT ?`,
    [...(after ?? []), ...filter.params, limit],
  );
  return { rows: rows.map(({ id, key }) => ({ hit: { file: id, name: undefined }, key: [key, id] })) };
}

/** Each file once, under the first of its names that fits. */
function walkByName(db: Database, filter: Filter, { after, limit }: Walk): Walked {
  const rows = db.all<{ id: number; file: number; base: string }>(
    `SELECT n.id, n.file, n.base FROM names n JOIN files f ON f.id = n.file
     WHERE ${after ? "(n.base, n.id) > (?, ?) AND" : ""} ${filter.sql}
       AND NOT EXISTS (SELECT 1 FROM names m WHERE m.file = n.file AND (m.base, m.id) < (n.base, n.id)
         AND EXISTS (SELECT 1 FROM (SELECT m.id, m.ext, m.kind, m.folded) AS n WHERE ${filter.sql}))
     ORDER BY n.base, n.id LIMIT ?`,
    [...(after ?? []), ...filter.params, ...filter.params, limit],
  );
  return { rows: rows.map(({ id, file, base }) => ({ hit: { file, name: id }, key: [base, id] })) };
}

// --- with words: candidates from the indexes ---

function candidates(
  db: Database,
  view: View,
  { wanted, limit }: { wanted: Wanted; limit: number },
): Candidates {
  const { words } = wanted;
  const filter = filters(db, view, wanted);
  const columns = "n.id AS name, n.file, n.folded, n.base, n.kind, f.size, f.mtime";
  const hasShort = [
    ...words.starts.map(() => "has_word_start(n.folded, ?)"),
    ...words.signs.map(() => "instr(n.folded, ?) > 0"),
  ];
  const short = hasShort.length === 0 ? "" : `AND ${hasShort.join(" AND ")}`;

  // What was typed as one piece, at the start of a base name: every word of it is in the path by that.
  const beginnings =
    words.text === ""
      ? []
      : db.all<CandidateRow>(
          `SELECT ${columns} FROM names n JOIN files f ON f.id = n.file
           WHERE n.base >= ? AND n.base < ? AND ${filter.sql} ORDER BY n.base LIMIT ?`,
          [words.text, `${words.text}\u{10ffff}`, ...filter.params, Math.min(limit, MAX_BEGINNINGS)],
        );
  const { from, match, params } = indexOf(words);
  const others = db.all<CandidateRow>(
    `SELECT ${columns} FROM ${from} JOIN files f ON f.id = n.file
     WHERE ${match} ${filter.sql} ${short} LIMIT ?`,
    [...params, ...filter.params, ...words.starts, ...words.signs, limit],
  );
  const isMatch = ({ folded }: CandidateRow) => words.all.every((word) => folded.includes(word));
  const rows = new Map([...beginnings.filter(isMatch), ...others].map((row) => [row.name, row]));
  return {
    names: Array.from(rows.values(), (row) => ({ ...row, peersAtMost: Infinity })),
    isCapped: rows.size >= limit,
  };
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

export function fileNumber(db: Database, fileId: FileId): number | undefined {
  return db.get<{ id: number }>("SELECT id FROM files WHERE file_id = ?", [fileId])?.id;
}
