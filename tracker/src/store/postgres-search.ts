import { fileIdLength } from "@panal/sdk";
import { fold } from "../search/fold.ts";
import { ANY_DATE } from "../search/date-range.ts";
import type { Wanted } from "../search/parse-search.ts";
import type { Candidate, Candidates, SearchSource, Walked } from "../search/search-source.ts";
import { MAX_COUNTED_NAMES } from "../search/typos.ts";
import { type SearchWords, hasWordStart, isWordLike } from "../search/words.ts";
import type { PostgresParam, Queries } from "./postgres-connection.ts";
import { IS_VISIBLE, viewParams } from "./postgres-peers.ts";
import type { View } from "./store.ts";

/** Names that begin with what was typed are sought first, up to so many, so that common words don't hide them. */
const MAX_BEGINNINGS = 500;

type Walk = Parameters<SearchSource["walk"]>[2];

export function createSearchSource(db: Queries): SearchSource {
  return {
    candidates: (view, wanted, limit) => candidates(db, view, { wanted, limit }),
    async walk(view, wanted, page) {
      switch (page.sort) {
        case "name":
          return walkByName(db, view, { ...page, wanted });
        case "size":
        case "-size":
          return walkByColumn(db, view, { ...page, wanted, column: "size" });
        case "mtime":
        case "-mtime":
          return walkByColumn(db, view, { ...page, wanted, column: "mtime" });
      }
    },
    async countPeers(view, files) {
      const rows = await db.all<{ file: number; peers: number }>(
        `SELECT n.file, count(DISTINCT p.id) AS peers FROM names n JOIN entries e ON e.name = n.id
           JOIN peers p ON p.list = e.list WHERE n.file = ANY($3::bigint[]) AND ${IS_VISIBLE} GROUP BY n.file`,
        [...viewParams(view), files],
      );
      return new Map(rows.map(({ file, peers }) => [file, peers]));
    },
    async wordsFrom(character, limit) {
      const rows = await db.all<{ word: string }>(
        "SELECT word FROM words WHERE word >= $1 AND word < $1 || chr(1114111) ORDER BY word LIMIT $2",
        [character, limit],
      );
      return rows.map(({ word }) => word);
    },
    async countNames(words) {
      const rows = await db.all<{ word: string; names: number }>(
        `SELECT w.word, (SELECT count(*) FROM (
           SELECT 1 FROM names n WHERE n.words @@ ('''' || w.word || '''')::tsquery LIMIT $2) AS counted) AS names
         FROM unnest($1::text[]) AS w (word)`,
        [words, MAX_COUNTED_NAMES],
      );
      return new Map(rows.map(({ word, names }) => [word, names]));
    },
  };
}

/** A query in the making; the view is in $1 and $2. */
interface Sql {
  readonly params: PostgresParam[];
  /** Gives what stands for the value. */
  add(value: PostgresParam): string;
}

function sqlFor(view: View): Sql {
  const params: PostgresParam[] = viewParams(view);
  return {
    params,
    add(value) {
      params.push(value);
      return `$${params.length}`;
    },
  };
}

/** Conditions on `names n JOIN files f`: everything that is wanted but the words. */
async function filterOf(
  db: Queries,
  view: View,
  { sql, wanted }: { sql: Sql; wanted: Wanted },
): Promise<string> {
  const { without, exts, kinds, sizes, dates, fileId, peerId, peerNames } = wanted;
  const conditions: string[] = [];
  if (fileId !== undefined) {
    conditions.push(`f.root = decode(${sql.add(fileId.slice(0, 64))}, 'hex')`);
    conditions.push(`f.size = ${sql.add(fileIdLength(fileId))}`);
  }
  if (exts !== undefined) conditions.push(`n.ext = ANY(${sql.add(exts)}::text[])`);
  if (kinds !== undefined) conditions.push(`n.kind = ANY(${sql.add(kinds)}::text[])`);
  if (sizes.min > 0) conditions.push(`f.size >= ${sql.add(sizes.min)}`);
  if (sizes.max < Number.MAX_SAFE_INTEGER) conditions.push(`f.size <= ${sql.add(sizes.max)}`);
  if (dates.min > ANY_DATE.min) conditions.push(`f.mtime >= ${sql.add(dates.min)}`);
  if (dates.max < ANY_DATE.max) conditions.push(`f.mtime <= ${sql.add(dates.max)}`);
  for (const word of [...without.substrings, ...without.signs])
    conditions.push(`strpos(n.folded, ${sql.add(word)}) = 0`);
  for (const start of without.starts) conditions.push(`NOT (${startsWord(sql, start)})`);
  const peers: string[] = [];
  if (peerId !== undefined) peers.push(`AND p.peer_id = ${sql.add(peerId)}`);
  if (peerNames !== undefined) {
    const ids = await peersNamed(db, view, peerNames);
    peers.push(`AND p.id = ANY(${sql.add(ids)}::bigint[])`);
  }
  // A question of its own for each name that fits, until there are enough: joined, all entries would be read first.
  conditions.push(
    `(SELECT true FROM entries e JOIN peers p ON p.list = e.list WHERE e.name = n.id AND ${IS_VISIBLE}
       ${peers.join(" ")} LIMIT 1)`,
  );
  return conditions.join(" AND ");
}

async function peersNamed(db: Queries, view: View, parts: readonly string[]): Promise<number[]> {
  const rows = await db.all<{ id: number; name: string }>(
    `SELECT p.id, p.name FROM peers p WHERE ${IS_VISIBLE}`,
    viewParams(view),
  );
  return rows.filter(({ name }) => parts.some((part) => fold(name).includes(part))).map(({ id }) => id);
}

// --- words ---

/** Whether a word of the name starts with one or two characters; the second may be a sign, which no word has. */
function startsWord(sql: Sql, start: string): string {
  const [first = "", second] = start;
  if (second === undefined || isWordLike(second)) {
    return `n.words @@ ${sql.add(`${quoted(start)}:*`)}::tsquery`;
  }
  return `(n.words @@ ${sql.add(quoted(first))}::tsquery AND strpos(n.folded, ${sql.add(start)}) > 0)`;
}

/** As a tsquery is written. */
function quoted(word: string): string {
  return `'${word.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

/** All words are in the name: long ones by the trigram index, the starts of words by theirs. */
function hasWords(sql: Sql, { substrings, starts, signs }: SearchWords): string[] {
  return [
    ...substrings.map((word) => `n.folded LIKE ${sql.add(`%${word.replaceAll(/[\\%_]/g, "\\$&")}%`)}`),
    ...starts.map((start) => startsWord(sql, start)),
    ...signs.map((sign) => `strpos(n.folded, ${sql.add(sign)}) > 0`),
  ];
}

type CandidateRow = Omit<Candidate, "peersAtMost">;
const COLUMNS = "n.id AS name, n.file, n.folded, n.base, n.kind, f.size, f.mtime";

async function candidates(
  db: Queries,
  view: View,
  { wanted, limit }: { wanted: Wanted; limit: number },
): Promise<Candidates> {
  const { words } = wanted;
  const [beginnings, others] = await Promise.all([
    words.text === "" ? [] : beginningsOf(db, view, { wanted, limit: Math.min(limit, MAX_BEGINNINGS) }),
    othersOf(db, view, { wanted, limit }),
  ]);
  const isMatch = ({ folded }: CandidateRow) =>
    // A text has no halves of characters there.
    words.all.every((word) => folded.includes(word.toWellFormed())) &&
    words.starts.every((start) => hasWordStart(folded, start));
  const rows = new Map([...beginnings, ...others].filter(isMatch).map((row) => [row.name, row]));
  return {
    names: Array.from(rows.values(), (row) => ({ ...row, peersAtMost: Infinity })),
    isCapped: others.length >= limit,
  };
}

/** What was typed as one piece, at the start of a base name. */
async function beginningsOf(db: Queries, view: View, { wanted, limit }: { wanted: Wanted; limit: number }) {
  const sql = sqlFor(view);
  const text = sql.add(wanted.words.text);
  const filter = await filterOf(db, view, { sql, wanted });
  return db.all<CandidateRow>(
    `SELECT ${COLUMNS} FROM names n JOIN files f ON f.id = n.file
     WHERE n.base >= ${text} AND n.base < ${text} || chr(1114111) AND ${filter} ORDER BY n.base, n.id LIMIT ${sql.add(limit)}`,
    sql.params,
  );
}

async function othersOf(db: Queries, view: View, { wanted, limit }: { wanted: Wanted; limit: number }) {
  const sql = sqlFor(view);
  const conditions = [...hasWords(sql, wanted.words), await filterOf(db, view, { sql, wanted })];
  return db.all<CandidateRow>(
    `SELECT ${COLUMNS} FROM names n JOIN files f ON f.id = n.file WHERE ${conditions.join(" AND ")} LIMIT ${sql.add(limit)}`,
    sql.params,
  );
}

// --- without words: along an index, page by page ---

async function walkByColumn(
  db: Queries,
  view: View,
  { sort, after, limit, wanted, column }: Walk & { wanted: Wanted; column: "size" | "mtime" },
): Promise<Walked> {
  const [comparison, direction] = sort === column ? [">", ""] : ["<", "DESC"];
  const sql = sqlFor(view);
  const behind =
    after === undefined
      ? ""
      : `(f.${column}, f.id) ${comparison} (${sql.add(after[0])}, ${sql.add(after[1])}) AND`;
  const filter = await filterOf(db, view, { sql, wanted });
  const rows = await db.all<{ id: number; key: number }>(
    `SELECT f.id, f.${column} AS key FROM files f
     WHERE ${behind} (SELECT true FROM names n WHERE n.file = f.id AND ${filter} LIMIT 1)
     ORDER BY f.${column} ${direction}, f.id ${direction} LIMIT ${sql.add(limit)}`,
    sql.params,
  );
  return { rows: rows.map(({ id, key }) => ({ hit: { file: id, name: undefined }, key: [key, id] })) };
}

/** Each file once, under the first of its names that fits. */
async function walkByName(
  db: Queries,
  view: View,
  { after, limit, wanted }: Walk & { wanted: Wanted },
): Promise<Walked> {
  const sql = sqlFor(view);
  const behind =
    after === undefined ? "" : `(o.base, o.id) > (${sql.add(after[0])}, ${sql.add(after[1])}) AND`;
  const filter = await filterOf(db, view, { sql, wanted });
  const rows = await db.all<{ id: number; file: number; base: string }>(
    `SELECT o.id, o.file, o.base FROM names o JOIN files f ON f.id = o.file
     WHERE ${behind} (SELECT true FROM (SELECT o.id, o.ext, o.kind, o.folded, o.words) AS n WHERE ${filter})
       AND NOT EXISTS (SELECT 1 FROM names n WHERE n.file = o.file AND (n.base, n.id) < (o.base, o.id) AND ${filter})
     ORDER BY o.base, o.id LIMIT ${sql.add(limit)}`,
    sql.params,
  );
  return { rows: rows.map(({ id, file, base }) => ({ hit: { file, name: id }, key: [base, id] })) };
}
