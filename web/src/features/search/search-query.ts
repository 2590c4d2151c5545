import type { FILE_SORTS, FilesQuery } from "@panal/sdk/tracker";
import { MEDIA_KINDS, type MediaKind } from "@panal/sdk/content";

/** The tracker takes 200, of which a date filter needs some. */
export const MAX_WORDS_LENGTH = 170;

/** Rows that are asked for at a time. */
export const PAGE_SIZE = 200;

export type Sort = (typeof FILE_SORTS)[number];
/** As they are offered. */
export const SORTS = [
  "relevance",
  "-mtime",
  "mtime",
  "name",
  "-size",
  "size",
  "-peers",
] as const satisfies readonly Sort[];

/** Sizes people tell apart, as ranges of bytes; `max` inclusive, as the tracker takes it. */
export const SIZES = {
  "0-1M": { max: 999_999 },
  "1M-100M": { min: 1_000_000, max: 99_999_999 },
  "100M-1G": { min: 100_000_000, max: 999_999_999 },
  "1G-": { min: 1_000_000_000 },
} as const satisfies Record<string, { min?: number; max?: number }>;
export type SizeRange = keyof typeof SIZES;

/** How long ago a file was changed at most, in days. */
export const DATES = { day: 1, week: 7, month: 30, year: 365 } as const;
export type DateRange = keyof typeof DATES;
const DAY_MS = 86_400_000;

export const VIEWS = ["list", "grid"] as const;
export type ViewStyle = (typeof VIEWS)[number];

/** What the search view shows; all of it stands in the URL. */
export interface Search {
  readonly words: string;
  readonly kind: MediaKind | undefined;
  readonly size: SizeRange | undefined;
  readonly date: DateRange | undefined;
  /** A peer's id: only what that one has. */
  readonly peer: string | undefined;
  readonly sort: Sort;
  readonly view: ViewStyle;
}

const PEER_ID = /^[A-Za-z0-9_-]{8,64}$/;

/** From `location.search`; what makes no sense there is left out. */
export function parseSearch(search: string): Search {
  const params = new URLSearchParams(search);
  const words = (params.get("q") ?? "").slice(0, MAX_WORDS_LENGTH);
  const peer = params.get("peer") ?? "";
  return {
    words,
    kind: MEDIA_KINDS.find((kind) => kind === params.get("kind")),
    size: (Object.keys(SIZES) as SizeRange[]).find((size) => size === params.get("size")),
    date: (Object.keys(DATES) as DateRange[]).find((date) => date === params.get("date")),
    peer: PEER_ID.test(peer) ? peer : undefined,
    sort: SORTS.find((sort) => sort === params.get("sort")) ?? defaultSort(words),
    view: VIEWS.find((view) => view === params.get("view")) ?? "list",
  };
}

/** Path and query, in one spelling for each search; what is as usual is left out. */
export function searchUrl({ words, kind, size, date, peer, sort, view }: Search): string {
  const params = new URLSearchParams();
  if (words !== "") params.set("q", words);
  if (kind !== undefined) params.set("kind", kind);
  if (size !== undefined) params.set("size", size);
  if (date !== undefined) params.set("date", date);
  if (peer !== undefined) params.set("peer", peer);
  if (sort !== defaultSort(words)) params.set("sort", sort);
  if (view !== "list") params.set("view", view);
  const text = params.toString();
  return text === "" ? "/" : `/?${text}`;
}

/** Other words, everything else as it is; an order nobody chose follows the words. */
export function withWords(search: Search, words: string): Search {
  const isUsual = search.sort === defaultSort(search.words);
  return { ...search, words, sort: isUsual ? defaultSort(words) : search.sort };
}

/** With words the best match comes first, without any what is new. */
function defaultSort(words: string): Sort {
  return words === "" ? "-mtime" : "relevance";
}

/** Whether anything narrows the files down. */
export function isNarrow(search: Search): boolean {
  return search.words !== "" || hasFilters(search);
}

export function hasFilters({ kind, size, date, peer }: Search): boolean {
  return [kind, size, date, peer].some((filter) => filter !== undefined);
}

export function withoutFilters(search: Search): Search {
  return { ...search, kind: undefined, size: undefined, date: undefined, peer: undefined };
}

/** What the tracker is asked for. Its dates are whole days. */
export function filesQuery({ words, kind, size, date, peer, sort }: Search, nowMs: number): FilesQuery {
  const { min, max }: { min?: number; max?: number } = size === undefined ? {} : SIZES[size];
  return {
    q: date === undefined ? words : `${words} modified:>=${dayBefore(nowMs, DATES[date])}`.trim(),
    sort,
    ...(kind === undefined ? {} : { kind }),
    ...(min === undefined ? {} : { minSize: min }),
    ...(max === undefined ? {} : { maxSize: max }),
    ...(peer === undefined ? {} : { peer }),
  };
}

function dayBefore(nowMs: number, days: number): string {
  return new Date(nowMs - days * DAY_MS).toISOString().slice(0, 10);
}
