import { PanalError } from "@panal/sdk";
import type { FileId } from "@panal/sdk/content";
import type { FilesPage } from "@panal/sdk/tracker";
import type { Clock } from "@panal/sdk/transfer";
import {
  newCountOf,
  refreshPage,
  type ResultPage,
  rowsOf,
  type ShownRows,
  withFresh,
  withoutGone,
} from "./result-pages.ts";

/** However much happens, the tracker is asked again at most this often. */
const REFRESH_GAP_MS = 1_000;
/** Files that are missing are asked for one by one; of many only some, since then a peer took them all along. */
const MAX_ASKED_FOR = 16;

export interface LiveSearchState extends ShownRows {
  readonly status: "loading" | "failed" | "ready";
  /** Of the last call that failed; rows stay. */
  readonly error: PanalError | undefined;
  readonly kinds: FilesPage["kinds"];
  readonly isCapped: boolean;
  readonly didYouMean: string | undefined;
  readonly hasMore: boolean;
}

/** The results of one search, page by page, kept true while people look at them. */
export interface LiveSearch {
  subscribe(listener: () => void): () => void;
  state(): LiveSearchState;
  /** Loads what is missing, and what changed meanwhile; the answer stops it. */
  open(): () => void;
  loadMore(): void;
  /** Something happened at the tracker: what is in sight is looked at again. */
  touch(): void;
  /** These rows are in sight, `end` exclusive. */
  look(range: { start: number; end: number }): void;
  /** Puts the new files where they belong; gives the index of the first one. */
  showNew(): number | undefined;
  /** Takes away those nobody has any more. */
  dropGone(): void;
}

/** From `open()` to its end. */
interface Session {
  readonly signal: AbortSignal;
  isLoadingMore: boolean;
  isRefreshing: boolean;
}

/** The first page, asked for before anybody wanted to see it. */
export interface PageAhead {
  readonly answer: Promise<FilesPage>;
  /** As soon as it is there. */
  readonly page?: FilesPage;
}

interface LiveSearchDeps {
  ahead?: PageAhead | undefined;
  fetchPage(cursor: string | undefined, signal: AbortSignal): Promise<FilesPage>;
  /** Whether any peer has the file now. */
  isThere(fileId: FileId, signal: AbortSignal): Promise<boolean>;
  clock: Clock;
}

export function createLiveSearch({ ahead, fetchPage, isThere, clock }: LiveSearchDeps): LiveSearch {
  const listeners = new Set<() => void>();
  let pages: readonly ResultPage[] = [];
  let nextCursor: string | undefined;
  /** Files that any page shows. */
  let known = new Set<FileId>();
  /** Where each page's rows begin. */
  let starts: number[] = [];
  let inSight = { start: 0, end: 0 };
  let session: Session | undefined;
  let refreshedAt = -Infinity;
  let awaited = ahead?.answer;
  let state: LiveSearchState = {
    status: "loading",
    error: undefined,
    rows: [],
    gone: new Set(),
    newCount: 0,
    kinds: undefined,
    isCapped: false,
    didYouMean: undefined,
    hasMore: false,
  };

  function set(next: Partial<LiveSearchState>): void {
    state = { ...state, ...next };
    for (const listener of listeners) listener();
  }

  /** After rows were replaced, put in or taken away. */
  function setPages(next: readonly ResultPage[], gone: ReadonlySet<FileId> = state.gone): void {
    const isSameList = next.every((page, index) => page.rows === pages[index]?.rows);
    pages = next;
    const rows = isSameList && next.length === starts.length ? state.rows : rowsOf(pages);
    if (rows !== state.rows) {
      known = new Set(rows.map(({ fileId }) => fileId));
      starts = [];
      for (let index = 0, at = 0; index < pages.length; at += pages[index]!.rows.length, index++)
        starts.push(at);
    }
    set({ rows, gone, newCount: newCountOf(pages, (fileId) => known.has(fileId)), error: undefined });
  }

  function takeFacts({ kinds, isCapped, didYouMean }: FilesPage): void {
    state = { ...state, kinds, isCapped: isCapped === true, didYouMean };
  }

  function addPage(cursor: string | undefined, answer: FilesPage): void {
    ({ nextCursor } = answer);
    if (cursor === undefined) {
      takeFacts(answer);
      refreshedAt = clock.now();
    }
    // Only what is added is looked at: a list of tens of thousands is not gone through for each page.
    const added = answer.files.filter(({ fileId }) => !known.has(fileId));
    for (const { fileId } of added) known.add(fileId);
    starts.push(state.rows.length);
    pages = [...pages, { cursor, rows: added, isStale: false, fresh: undefined }];
    set({
      error: undefined,
      rows: [...state.rows, ...added],
      hasMore: nextCursor !== undefined,
      ...(added.length > 0 || nextCursor === undefined ? { status: "ready" } : {}),
    });
  }

  /** One page; several when the tracker looks at parts of its index in which there is nothing. */
  async function load(cursor: string | undefined, signal: AbortSignal): Promise<void> {
    const asked = cursor === undefined ? awaited : undefined;
    awaited = undefined;
    const answer = await (asked ?? fetchPage(cursor, signal));
    if (signal.aborted) return;
    const before = state.rows.length;
    addPage(cursor, answer);
    if (state.rows.length === before && nextCursor !== undefined) await load(nextCursor, signal);
  }

  async function guarded(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (signal.aborted) return;
      set({ error: PanalError.from(error), ...(state.status === "loading" ? { status: "failed" } : {}) });
    }
  }

  async function loadNext(opened: Session): Promise<void> {
    const { signal } = opened;
    if (opened.isLoadingMore || (pages.length > 0 && nextCursor === undefined)) return;
    opened.isLoadingMore = true;
    await guarded(signal, () => load(pages.length === 0 ? undefined : nextCursor, signal));
    opened.isLoadingMore = false;
  }

  /** The first page is always looked at again: it has the counts, and what is new mostly comes there. */
  function staleInSight(): number | undefined {
    const index = pages.findIndex(
      ({ isStale, rows }, at) =>
        isStale && (at === 0 || (starts[at]! < inSight.end && starts[at]! + rows.length > inSight.start)),
    );
    return index < 0 ? undefined : index;
  }

  async function refreshOne(index: number, signal: AbortSignal): Promise<void> {
    const { cursor } = pages[index]!;
    // Marked first: what happens while the answer is under way makes it stale again.
    pages = pages.with(index, { ...pages[index]!, isStale: false });
    const answer = await fetchPage(cursor, signal);
    if (signal.aborted) return;
    const { isStale } = pages[index]!;
    const { page, gone, seen } = refreshPage(pages[index]!, answer, (fileId) => known.has(fileId));
    const missing = await missingOf(gone, signal);
    if (signal.aborted) return;
    if (index === 0) takeFacts(answer);
    const nowGone = new Set([...state.gone, ...missing]);
    for (const fileId of seen) nowGone.delete(fileId);
    setPages(pages.with(index, { ...page, isStale }), nowGone);
  }

  async function missingOf(gone: readonly FileId[], signal: AbortSignal): Promise<FileId[]> {
    const asked = gone.slice(0, MAX_ASKED_FOR);
    const areThere = await Promise.all(asked.map((fileId) => isThere(fileId, signal)));
    const missing = asked.filter((_, index) => areThere[index] === false);
    return missing.length === MAX_ASKED_FOR ? [...gone] : missing;
  }

  async function refresh(opened: Session): Promise<void> {
    const { signal } = opened;
    if (opened.isRefreshing) return;
    opened.isRefreshing = true;
    await guarded(signal, async () => {
      for (let index = staleInSight(); index !== undefined; index = staleInSight()) {
        const waitMs = refreshedAt + REFRESH_GAP_MS - clock.now();
        // A round looks at all that is in sight; only the first page begins one.
        if (index === 0 && waitMs > 0) await clock.sleep(waitMs, signal);
        if (index === 0) refreshedAt = clock.now();
        await refreshOne(index, signal);
      }
    });
    opened.isRefreshing = false;
  }

  function touch(): void {
    pages = pages.map((page) => (page.isStale ? page : { ...page, isStale: true }));
    if (session === undefined) return;
    // First rows that couldn't be had are tried again.
    if (state.status !== "ready") void loadNext(session);
    else void refresh(session);
  }

  if (ahead?.page !== undefined) addPage(undefined, ahead.page);

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: () => state,
    open() {
      const ending = new AbortController();
      const opened: Session = { signal: ending.signal, isLoadingMore: false, isRefreshing: false };
      session = opened;
      if (state.status === "failed") set({ status: "loading", error: undefined });
      touch();
      return () => {
        ending.abort();
        if (session === opened) session = undefined;
      };
    },
    loadMore() {
      if (session !== undefined && pages.length > 0) void loadNext(session);
    },
    touch,
    look(range) {
      inSight = range;
      if (session !== undefined && staleInSight() !== undefined) void refresh(session);
    },
    showNew() {
      const before = known;
      setPages(pages.map(withFresh));
      const first = state.rows.findIndex(({ fileId }) => !before.has(fileId));
      return first < 0 ? undefined : first;
    },
    dropGone() {
      if (state.gone.size === 0) return;
      const { gone } = state;
      setPages(
        pages.map((page) => withoutGone(page, gone)),
        new Set(),
      );
    },
  };
}
