import { ANY_DATE } from "../search/date-range.ts";
import { compareKeys } from "../search/match-order.ts";
import type { Wanted } from "../search/parse-search.ts";
import type { Candidate, SearchSource, WalkKey, Walked } from "../search/search-source.ts";
import { candidates, filterOf, sqlFor } from "./postgres-candidates.ts";
import type { Queries } from "./postgres-connection.ts";
import type { View } from "./store.ts";

/** What so few names fit is sorted here: along an index, most of what is looked at wouldn't fit. */
const FEW_NAMES = 2_000;
/** Rows of an index that are looked at for one page; each costs some microseconds. */
const MAX_LOOKED = 20_000;

type Walk = Parameters<SearchSource["walk"]>[2] & { readonly wanted: Wanted };

/** A list without words, page by page. */
export async function walkNames(db: Queries, view: View, walk: Walk): Promise<Walked> {
  if (isNarrow(walk.wanted)) {
    const { names, isCapped } = await candidates(db, view, { wanted: walk.wanted, limit: FEW_NAMES });
    if (!isCapped) return walkFew(names, walk);
  }
  switch (walk.sort) {
    case "name":
      return walkByName(db, view, walk);
    case "size":
    case "-size":
      return walkByColumn(db, view, { ...walk, column: "size" });
    case "mtime":
    case "-mtime":
      return walkByColumn(db, view, { ...walk, column: "mtime" });
  }
}

/** Whether little may fit; of a kind there is always much. */
function isNarrow({ exts, sizes, dates, fileId, peerId, peerNames }: Wanted): boolean {
  const isBySize = sizes.min > 0 || sizes.max < Number.MAX_SAFE_INTEGER;
  const isByDate = dates.min > ANY_DATE.min || dates.max < ANY_DATE.max;
  return isBySize || isByDate || [exts, fileId, peerId, peerNames].some((each) => each !== undefined);
}

/** All names that fit are there: each file once, by the first of them. */
function walkFew(names: readonly Candidate[], { sort, after, limit }: Walk): Walked {
  const keyOf = ({ name, file, base, size, mtime }: Candidate): WalkKey =>
    sort === "name" ? [base, name] : [sort.endsWith("size") ? size : mtime, file];
  const direction = sort.startsWith("-") ? -1 : 1;
  const compare = (a: WalkKey, b: WalkKey) => direction * compareBytes(a, b);
  const first = new Map<number, { file: number; name: number; key: WalkKey }>();
  for (const candidate of names) {
    const { file, name } = candidate;
    const key = keyOf(candidate);
    const known = first.get(file);
    if (known === undefined || compare(key, known.key) < 0) first.set(file, { file, name, key });
  }
  const rows = [...first.values()]
    .filter(({ key }) => after === undefined || compare(key, after) > 0)
    .sort((a, b) => compare(a.key, b.key))
    .slice(0, limit);
  return {
    rows: rows.map(({ file, name, key }) => ({
      hit: { file, name: sort === "name" ? name : undefined },
      key,
    })),
  };
}

/** As the database does: text byte by byte, which isn't how JavaScript compares what lies beyond 16 bits. */
function compareBytes(a: WalkKey, b: WalkKey): number {
  const [first, other] = [a[0], b[0]];
  if (typeof first === "string" && typeof other === "string" && first !== other)
    return Buffer.compare(Buffer.from(first), Buffer.from(other));
  return compareKeys(a, b);
}

/** Where the looking ended, when it was for its cost; `page` are the rows that were to be looked at. */
async function lookedTo(db: Queries, page: string, params: Parameters<Queries["all"]>[1]) {
  const row = await db.get<{ key: string | number; id: number }>(
    `${page} OFFSET ${MAX_LOOKED - 1} LIMIT 1`,
    params,
  );
  return row === undefined ? {} : { lookedTo: [row.key, row.id] as const };
}

async function walkByColumn(
  db: Queries,
  view: View,
  { sort, after, limit, wanted, column }: Walk & { column: "size" | "mtime" },
): Promise<Walked> {
  const [comparison, direction] = sort === column ? [">", ""] : ["<", "DESC"];
  const order = `ORDER BY f.${column} ${direction}, f.id ${direction}`;
  const pageFor = (key: string, id: string) =>
    `SELECT f.id, f.${column} AS key, f.root, f.size, f.mtime FROM files f
     ${after === undefined ? "" : `WHERE (f.${column}, f.id) ${comparison} (${key}, ${id})`} ${order}`;
  const sql = sqlFor(view);
  const page = pageFor(...placesOf(sql, after));
  const filter = await filterOf(db, view, { sql, wanted });
  const rows = await db.all<{ id: number; key: number }>(
    `SELECT f.id, f.key FROM (${page} LIMIT ${MAX_LOOKED}) AS f
     WHERE (SELECT true FROM names n WHERE n.file = f.id AND ${filter} LIMIT 1)
     ORDER BY f.key ${direction}, f.id ${direction} LIMIT ${sql.add(limit)}`,
    sql.params,
  );
  return {
    rows: rows.map(({ id, key }) => ({ hit: { file: id, name: undefined }, key: [key, id] })),
    ...(rows.length < limit ? await lookedTo(db, pageFor("$1", "$2"), after ?? []) : {}),
  };
}

/** Each file once, under the first of its names that fits. */
async function walkByName(db: Queries, view: View, { after, limit, wanted }: Walk): Promise<Walked> {
  const pageFor = (key: string, id: string) =>
    `SELECT o.id, o.base AS key, o.file, o.ext, o.kind, o.folded, o.words FROM names o
     ${after === undefined ? "" : `WHERE (o.base, o.id) > (${key}, ${id})`} ORDER BY o.base, o.id`;
  const sql = sqlFor(view);
  const page = pageFor(...placesOf(sql, after));
  const filter = await filterOf(db, view, { sql, wanted });
  const rows = await db.all<{ id: number; file: number; key: string }>(
    `SELECT o.id, o.file, o.key FROM (${page} LIMIT ${MAX_LOOKED}) AS o JOIN files f ON f.id = o.file
     WHERE (SELECT true FROM (SELECT o.id, o.ext, o.kind, o.folded, o.words) AS n WHERE ${filter})
       AND NOT EXISTS (SELECT 1 FROM names n WHERE n.file = o.file AND (n.base, n.id) < (o.key, o.id) AND ${filter})
     ORDER BY o.key, o.id LIMIT ${sql.add(limit)}`,
    sql.params,
  );
  return {
    rows: rows.map(({ id, file, key }) => ({ hit: { file, name: id }, key: [key, id] })),
    ...(rows.length < limit ? await lookedTo(db, pageFor("$1", "$2"), after ?? []) : {}),
  };
}

/** What stands for the two parts of the place to go on from. */
function placesOf(sql: ReturnType<typeof sqlFor>, after: WalkKey | undefined): [string, string] {
  return after === undefined ? ["", ""] : [sql.add(after[0]), sql.add(after[1])];
}
