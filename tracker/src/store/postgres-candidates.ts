import { fileIdLength } from "@panal/sdk";
import { ANY_DATE } from "../search/date-range.ts";
import { fold } from "../search/fold.ts";
import type { Wanted } from "../search/parse-search.ts";
import type { Candidate, Candidates } from "../search/search-source.ts";
import { type SearchWords, hasWordStart, isWordLike } from "../search/words.ts";
import type { PostgresParam, Queries } from "./postgres-connection.ts";
import { IS_VISIBLE, viewParams } from "./postgres-peers.ts";
import type { View } from "./store.ts";

/** Names that begin with what was typed are sought first, up to so many, so that common words don't hide them. */
const MAX_BEGINNINGS = 500;

/** A query in the making; the view is in $1 and $2. */
export interface Sql {
  readonly params: PostgresParam[];
  /** Gives what stands for the value. */
  add(value: PostgresParam): string;
}

export function sqlFor(view: View): Sql {
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
export async function filterOf(
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
  if (peerId !== undefined || peerNames !== undefined) {
    const ofPeers = [
      ...(peerId === undefined ? [] : [`p.peer_id = ${sql.add(peerId)}`]),
      ...(peerNames === undefined
        ? []
        : [`p.id = ANY(${sql.add(await peersNamed(db, view, peerNames))}::bigint[])`]),
    ];
    conditions.push(
      `n.id IN (SELECT e.name FROM entries e JOIN peers p ON p.list = e.list
         WHERE ${IS_VISIBLE} AND ${ofPeers.join(" AND ")})`,
    );
  } else {
    // A question of its own for each name that fits, until there are enough: joined, all entries would be read first.
    conditions.push(
      `(SELECT true FROM entries e JOIN peers p ON p.list = e.list WHERE e.name = n.id AND ${IS_VISIBLE} LIMIT 1)`,
    );
  }
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

export async function candidates(
  db: Queries,
  view: View,
  { wanted, limit }: { wanted: Wanted; limit: number },
): Promise<Candidates> {
  const { words } = wanted;
  const [beginnings, others] = await Promise.all([
    words.text === "" ? [] : beginningsOf(db, view, { wanted, limit: Math.min(limit, MAX_BEGINNINGS) }),
    othersOf(db, view, { wanted, limit }),
  ]);
  const isCapped = others.length >= limit;
  const popular = isCapped && limit > 1 ? await popularOf(db, view, { wanted, limit }) : [];
  const isMatch = ({ folded }: CandidateRow) =>
    // A text has no halves of characters there.
    words.all.every((word) => folded.includes(word.toWellFormed())) &&
    words.starts.every((start) => hasWordStart(folded, start));
  const rows = new Map([...beginnings, ...others, ...popular].filter(isMatch).map((row) => [row.name, row]));
  return { names: Array.from(rows.values(), (row) => ({ ...row, peersAtMost: Infinity })), isCapped };
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

interface Others {
  readonly wanted: Wanted;
  readonly limit: number;
  /** Among these names only. */
  readonly names?: readonly number[];
}

async function othersOf(db: Queries, view: View, { wanted, limit, names }: Others) {
  const sql = sqlFor(view);
  const conditions = [
    ...(names === undefined ? [] : [`n.id = ANY(${sql.add(names)}::bigint[])`]),
    ...hasWords(sql, wanted.words),
    await filterOf(db, view, { sql, wanted }),
  ];
  return db.all<CandidateRow>(
    `SELECT ${COLUMNS} FROM names n JOIN files f ON f.id = n.file WHERE ${conditions.join(" AND ")} LIMIT ${sql.add(limit)}`,
    sql.params,
  );
}

/** What very many peers have is found also among too many: the database keeps a list of what it has most of. */
async function popularOf(db: Queries, view: View, { wanted, limit }: { wanted: Wanted; limit: number }) {
  const row = await db.get<{ names: number[] }>(
    `SELECT to_json(most_common_vals::text::bigint[]) AS names FROM pg_stats
     WHERE schemaname = ANY(current_schemas(false)) AND tablename = 'entries' AND attname = 'name'
       AND most_common_vals IS NOT NULL`,
  );
  return row === undefined ? [] : othersOf(db, view, { wanted, limit, names: row.names });
}
