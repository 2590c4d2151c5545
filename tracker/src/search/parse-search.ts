import type { FileId, MediaKind } from "@panal/sdk";
import { MEDIA_KINDS, isFileId } from "@panal/sdk/thread";
import { invalidField } from "../invalid-fields.ts";
import type { SearchQuery } from "../store/store.ts";
import { ANY_DATE, type DateRange, parseDateRange } from "./date-range.ts";
import { fold } from "./fold.ts";
import { type QueryToken, splitQuery } from "./query-tokens.ts";
import { type SizeRange, parseSizeRange } from "./size-range.ts";
import { type SearchWords, searchWords } from "./words.ts";

/** What is looked for: the query and the filters beside it in one shape, which every store takes. */
export interface Wanted {
  /** All of them are in the path. */
  readonly words: SearchWords;
  /** None of them is. */
  readonly without: SearchWords;
  /** Any of these, in lower case, without the dot; undefined: whatever. */
  readonly exts: readonly string[] | undefined;
  readonly kinds: readonly MediaKind[] | undefined;
  readonly sizes: SizeRange;
  /** When the file was changed, by the newest time its peers announce. */
  readonly dates: DateRange;
  readonly fileId: FileId | undefined;
  readonly peerId: string | undefined;
  /** Folded parts of the names of peers, any of which has it. */
  readonly peerNames: readonly string[] | undefined;
}

type SearchFilters = Omit<SearchQuery, "sort" | "cursor" | "limit">;

const FILTERS = ["ext", "kind", "size", "modified", "peer"];

/**
 * Words, `"phrases"`, `-word`, `ext:`, `kind:`, `size:`, `modified:`, `peer:`, and file ids or links to files. A filter given twice
 * takes either, sizes and dates both. Throws "invalid" for a filter nobody can mean, naming it; anything else that looks like a
 * language is words.
 */
export function parseSearch(query: SearchFilters): Wanted {
  const tokens = splitQuery(query.q, FILTERS);
  const filters = tokens.filter((token) => token.filter !== undefined);
  for (const token of filters) {
    if (token.isExcluded) throw wrong(token, "only words can be excluded");
  }
  const valuesOf = (name: string) => filters.filter(({ filter }) => filter === name);
  const texts = tokens.filter(({ filter }) => filter === undefined);
  const ids = new Map(texts.flatMap((token) => idEntry(token)));
  const positive = texts.filter((token) => !token.isExcluded && !ids.has(token));
  const excluded = texts.filter(({ isExcluded }) => isExcluded);
  // Taken away from nothing they would leave everything: then it is a name that starts with a "-".
  const areWords = positive.length === 0 && filters.length === 0 && ids.size === 0;
  return {
    words: searchWords(areWords ? excluded.map(({ text }) => `-${text}`) : positive.map(({ text }) => text)),
    without: searchWords(areWords ? [] : excluded.map(({ text }) => text)),
    exts: both(
      anyOf(valuesOf("ext").map(({ text }) => extOf(text))),
      query.ext === undefined ? undefined : [extOf(query.ext)],
    ),
    kinds: both(anyOf(valuesOf("kind").map(kindOf)), query.kind === undefined ? undefined : [query.kind]),
    sizes: sizesOf(query, valuesOf("size")),
    dates: datesOf(valuesOf("modified")),
    fileId: oneId([...ids.values()]),
    peerId: query.peer,
    peerNames: anyOf(valuesOf("peer").map(({ text }) => fold(text))),
  };
}

function wrong({ filter, text, isExcluded }: QueryToken, message: string) {
  const value = `${isExcluded ? "-" : ""}${filter}:${text}`;
  return invalidField("q", `${value}: ${message}`, { value });
}

function anyOf<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values;
}

/** What is in both; undefined is everything. */
function both<T>(a: readonly T[] | undefined, b: readonly T[] | undefined): readonly T[] | undefined {
  return a === undefined || b === undefined ? (a ?? b) : a.filter((value) => b.includes(value));
}

function extOf(text: string): string {
  return text.replace(/^\./, "").toLowerCase();
}

function kindOf(token: QueryToken): MediaKind {
  const kind = MEDIA_KINDS.find((known) => known === token.text.toLowerCase());
  if (kind === undefined) throw wrong(token, `expected one of ${MEDIA_KINDS.join(", ")}`);
  return kind;
}

function sizesOf({ minSize, maxSize }: SearchFilters, tokens: readonly QueryToken[]): SizeRange {
  let min = minSize ?? 0;
  let max = maxSize ?? Number.MAX_SAFE_INTEGER;
  if (min > max) throw invalidField("minSize", `${min} is above maxSize (${max})`, { value: min });
  for (const token of tokens) {
    const range = parseSizeRange(token.text);
    if (range === undefined) throw wrong(token, "expected a size such as >100M, <=2GiB or 10k..1M");
    min = Math.max(min, range.min);
    max = Math.min(max, range.max);
    if (min > max) throw wrong(token, "no size is in this and in the other limits");
  }
  return { min, max };
}

function datesOf(tokens: readonly QueryToken[]): DateRange {
  let { min, max } = ANY_DATE;
  for (const token of tokens) {
    const range = parseDateRange(token.text);
    if (range === undefined)
      throw wrong(token, "expected a date such as >=2025-03-01, <2024 or 2024..2025-06");
    min = Math.max(min, range.min);
    max = Math.min(max, range.max);
    if (min > max) throw wrong(token, "no date is in this and in the other limits");
  }
  return { min, max };
}

/** A token that is a file id, or a URL with one in its path: a link, or where a peer or the tracker serves the file. */
function idEntry(token: QueryToken): [QueryToken, FileId][] {
  if (token.isExcluded) return [];
  const isUrl = /^https?:\/\/[^/]/i.test(token.text);
  const parts = isUrl ? token.text.split(/[/?#]/) : [token.text];
  const id = parts.map((part) => part.toLowerCase()).find((part) => isFileId(part));
  return id === undefined ? [] : [[token, id]];
}

function oneId(ids: readonly FileId[]): FileId | undefined {
  const [first, ...others] = ids;
  const other = others.find((id) => id !== first);
  if (other !== undefined) throw invalidField("q", `${other}: one file id at a time`);
  return first;
}
