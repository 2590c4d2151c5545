import type { FILE_SORTS, FilesQuery } from "@panal/sdk/tracker";
import { MEDIA_KINDS, type MediaKind } from "@panal/sdk/content";

/** The tracker takes no longer query. */
export const MAX_WORDS_LENGTH = 200;

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

export const VIEWS = ["list", "grid"] as const;
export type ViewStyle = (typeof VIEWS)[number];

/** What the search view shows; all of it stands in the URL. */
export interface Search {
  readonly words: string;
  readonly kind: MediaKind | undefined;
  readonly size: SizeRange | undefined;
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
    peer: PEER_ID.test(peer) ? peer : undefined,
    sort: SORTS.find((sort) => sort === params.get("sort")) ?? defaultSort(words),
    view: VIEWS.find((view) => view === params.get("view")) ?? "list",
  };
}

/** Path and query, in one spelling for each search; what is as usual is left out. */
export function searchUrl({ words, kind, size, peer, sort, view }: Search): string {
  const params = new URLSearchParams();
  if (words !== "") params.set("q", words);
  if (kind !== undefined) params.set("kind", kind);
  if (size !== undefined) params.set("size", size);
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
export function isNarrow({ words, kind, size, peer }: Search): boolean {
  return words !== "" || hasFilters({ kind, size, peer });
}

export function hasFilters({ kind, size, peer }: Pick<Search, "kind" | "size" | "peer">): boolean {
  return kind !== undefined || size !== undefined || peer !== undefined;
}

/** What the tracker is asked for. */
export function filesQuery({ words, kind, size, peer, sort }: Search): FilesQuery {
  const { min, max }: { min?: number; max?: number } = size === undefined ? {} : SIZES[size];
  return {
    q: words,
    sort,
    ...(kind === undefined ? {} : { kind }),
    ...(min === undefined ? {} : { minSize: min }),
    ...(max === undefined ? {} : { maxSize: max }),
    ...(peer === undefined ? {} : { peer }),
  };
}
