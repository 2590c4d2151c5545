import { setImmediate } from "node:timers/promises";
import { ANY_DATE } from "../search/date-range.ts";
import type { Wanted } from "../search/parse-search.ts";
import type { Candidate, Candidates, SearchSource, WalkKey, Walked } from "../search/search-source.ts";
import {
  type ColumnPlace,
  type ContentRow,
  type Contents,
  type Matcher,
  contentRows,
  furtherNames,
  rowsByBase,
} from "./sqlite-name-rows.ts";
import type { Database } from "./sqlite-schema.ts";

/** Rows of an index that are looked at for one page. */
const MAX_LOOKED = 6_000;

export type WalkPage = Parameters<SearchSource["walk"]>[2];
type Found = Walked["rows"][number];

/** Whether anything at all is asked for, so that an index of something else may find it sooner. */
export function isNarrow({ exts, kinds, sizes, dates, fileId, peerId, peerNames }: Wanted): boolean {
  const isSized = sizes.min > 0 || sizes.max < Number.MAX_SAFE_INTEGER;
  const isDated = dates.min > ANY_DATE.min || dates.max < ANY_DATE.max;
  return isSized || isDated || [exts, kinds, fileId, peerId, peerNames].some((part) => part !== undefined);
}

/** The page out of all that match, when those are known. */
export function pageOf({ names }: Candidates, { sort, after, limit }: WalkPage): Walked {
  const isDown = sort.startsWith("-");
  const best = new Map<number, Found>();
  const byKey = (a: WalkKey, b: WalkKey) => {
    const order = compare(a[0], b[0]) || a[1] - b[1];
    return isDown ? -order : order;
  };
  for (const candidate of names) {
    const key = keyOf(candidate, sort);
    const known = best.get(candidate.file);
    if (known !== undefined && byKey(known.key, key) <= 0) continue;
    const name = sort === "name" ? candidate.name : undefined;
    best.set(candidate.file, { hit: { file: candidate.file, name }, key });
  }
  const rows = [...best.values()]
    .filter(({ key }) => after === undefined || byKey(key, after) > 0)
    .sort((a, b) => byKey(a.key, b.key));
  return { rows: rows.slice(0, limit) };
}

/** By code point, as the database orders texts. */
function compare(a: string | number, b: string | number): number {
  if (typeof a === "number" || typeof b === "number") return Number(a) - Number(b);
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function keyOf({ base, name, size, mtime, file }: Candidate, sort: WalkPage["sort"]): WalkKey {
  if (sort === "name") return [base, name];
  return [sort === "size" || sort === "-size" ? size : mtime, file];
}

/** Along the index of what the page is sorted by. */
export async function walkAlong(
  db: Database,
  { matches, contents }: { matches: Matcher; contents: Contents },
  { sizes, ...page }: WalkPage & Pick<Wanted, "sizes">,
): Promise<Walked> {
  const { sort, after, limit } = page;
  const rows: Found[] = [];
  let looked = 0;
  const steps =
    sort === "name"
      ? byName(db, { matches, contents }, after)
      : byColumn(db, matches, { sort, after, sizes });
  for (const { key, hit } of steps) {
    if (hit !== undefined) rows.push({ key, hit });
    if (rows.length >= limit) break;
    looked++;
    if (looked >= MAX_LOOKED) return { rows, lookedTo: key };
    if (looked % 128 === 0) await setImmediate();
  }
  return { rows };
}

interface Step {
  readonly key: WalkKey;
  readonly hit: Found["hit"] | undefined;
}

function* byColumn(
  db: Database,
  matches: Matcher,
  {
    sort,
    after,
    sizes,
  }: { sort: Exclude<WalkPage["sort"], "name">; after: WalkKey | undefined; sizes: Wanted["sizes"] },
): Iterable<Step> {
  const column = sort === "size" || sort === "-size" ? "size" : "mtime";
  const isDown = sort.startsWith("-");
  const isInRange = ({ size }: ContentRow) => size >= sizes.min && size <= sizes.max;
  const place = after ? ([Number(after[0]), after[1]] as const) : firstPlace(column, isDown, sizes);
  for (const contents of contentRows(db, column, { isDown, after: place })) {
    for (const content of contents) {
      // By size, the others come after all that fit.
      if (column === "size" && !isInRange(content)) return;
      const isWanted =
        isInRange(content) &&
        (matches(content) !== undefined ||
          furtherNames(db, content).some((row) => matches(row) !== undefined));
      yield {
        key: [content[column], content.id],
        hit: isWanted ? { file: content.id, name: undefined } : undefined,
      };
    }
  }
}

/** Just before what is in the range; undefined: before everything. */
function firstPlace(
  column: "size" | "mtime",
  isDown: boolean,
  { min, max }: Wanted["sizes"],
): ColumnPlace | undefined {
  if (column === "mtime") return undefined;
  if (!isDown) return [min - 1, Number.MAX_SAFE_INTEGER];
  return max === Number.MAX_SAFE_INTEGER ? undefined : [max + 1, 0];
}

/** Each file once, under the first of its names that fits. */
function* byName(
  db: Database,
  { matches, contents }: { matches: Matcher; contents: Contents },
  after: WalkKey | undefined,
): Iterable<Step> {
  for (const names of rowsByBase(db, after === undefined ? ["", 0] : [String(after[0]), after[1]])) {
    for (const { base, row } of names) {
      const candidate = matches(row);
      const isFirst = candidate !== undefined && isFirstName({ matches, contents }, candidate);
      yield {
        key: [base, row.id],
        hit: isFirst ? { file: candidate.file, name: candidate.name } : undefined,
      };
    }
  }
}

function isFirstName(
  { matches, contents }: { matches: Matcher; contents: Contents },
  { file, name, base }: Candidate,
): boolean {
  const names = contents.namesOf(file);
  return names.every((other) => {
    const candidate = other.id === name ? undefined : matches(other);
    return candidate === undefined || (compare(candidate.base, base) || candidate.name - name) > 0;
  });
}
