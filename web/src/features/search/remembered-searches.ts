import { useSyncExternalStore } from "react";
import { isNarrow, parseSearch, type Search, searchUrl } from "./search-query.ts";

/** Newest first; older ones are forgotten. */
const MAX_RECENT = 8;
/** Kept by hand, and few enough to be seen at once. */
const MAX_SAVED = 20;
const STORAGE_KEY = "panal.searches";

/** As URLs of the app, each in the one spelling `searchUrl()` has for it. */
export interface RememberedSearches {
  readonly recent: readonly string[];
  readonly saved: readonly string[];
}

const NONE: RememberedSearches = { recent: [], saved: [] };

/** What was stored; whoever meddled with it gets what is left of it. */
export function parseRemembered(text: string | null): RememberedSearches {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text ?? "");
  } catch {
    return NONE;
  }
  const { recent, saved } = (typeof parsed === "object" && parsed !== null ? parsed : {}) as Record<
    string,
    unknown
  >;
  return { recent: urlsOf(recent, MAX_RECENT), saved: urlsOf(saved, MAX_SAVED) };
}

/** The search comes first among the recent ones; one that finds everything is none. */
export function withRecent(all: RememberedSearches, search: Search): RememberedSearches {
  const url = rememberedUrl(search);
  if (url === undefined || all.saved.includes(url)) return all;
  // Who types on looks for the same thing: the beginning of it isn't worth a place.
  const others = all.recent.filter((other) => other !== url && !isBeginningOf(other, search));
  return { ...all, recent: [url, ...others].slice(0, MAX_RECENT) };
}

export function withSaved(all: RememberedSearches, search: Search): RememberedSearches {
  const url = rememberedUrl(search);
  if (url === undefined) return all;
  return {
    recent: all.recent.filter((other) => other !== url),
    saved: [url, ...all.saved.filter((other) => other !== url)].slice(0, MAX_SAVED),
  };
}

export function without(all: RememberedSearches, url: string): RememberedSearches {
  return {
    recent: all.recent.filter((other) => other !== url),
    saved: all.saved.filter((other) => other !== url),
  };
}

/** Under which a search is remembered; undefined for one that finds everything. */
export function rememberedUrl(search: Search): string | undefined {
  // How results are shown is not what was looked for.
  return isNarrow(search) ? searchUrl({ ...search, view: "list" }) : undefined;
}

function isBeginningOf(url: string, { words }: Search): boolean {
  const other = parseSearch(url.slice(1));
  return other.words !== "" && words.startsWith(other.words);
}

function urlsOf(value: unknown, most: number): string[] {
  if (!Array.isArray(value)) return [];
  const urls = value.slice(0, most).flatMap((item) => {
    if (typeof item !== "string" || !item.startsWith("/?")) return [];
    return rememberedUrl(parseSearch(item.slice(1))) ?? [];
  });
  return [...new Set(urls)];
}

// --- what the page remembers ---

const listeners = new Set<() => void>();
let current: RememberedSearches | undefined;

function read(): RememberedSearches {
  if (current !== undefined) return current;
  try {
    current = parseRemembered(localStorage.getItem(STORAGE_KEY));
  } catch {
    current = NONE;
  }
  return current;
}

/** Changes what is remembered, in every tab. */
export function remember(change: (all: RememberedSearches) => RememberedSearches): void {
  const next = change(read());
  if (next === current) return;
  current = next;
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(next));
  } catch {
    // Storage is forbidden or full: it holds until the page is closed.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  const onStorage = (event: StorageEvent) => {
    if (event.key !== STORAGE_KEY) return;
    current = undefined;
    listener();
  };
  listeners.add(listener);
  window.addEventListener("storage", onStorage);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", onStorage);
  };
}

export function useRememberedSearches(): RememberedSearches {
  return useSyncExternalStore(subscribe, read);
}
