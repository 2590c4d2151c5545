import { navigate, useHistoryState, usePathname, useSearch } from "wouter/use-browser-location";
import { filePath, parseRoute, watchPath } from "./route.ts";
import type { FileId } from "@panal/sdk/content";

/** What a history entry of a file remembers. */
interface FileState {
  /** The list behind it. */
  readonly from: string;
  /** The name under which it was opened. */
  readonly name?: string;
}

/** Where the app is: the list, and the file that is open over or beside it. */
export interface Place {
  /** Path and query of the list. */
  readonly listUrl: string;
  readonly fileId: FileId | undefined;
  readonly fileName: string | undefined;
  /** It is played or shown, in the place of the list. */
  readonly isWatched: boolean;
}

export function usePlace(): Place {
  const pathname = usePathname();
  const search = useSearch();
  const state = parseFileState(useHistoryState<unknown>());
  const route = parseRoute(pathname);
  if (route.page !== "file") {
    return { listUrl: pathname + search, fileId: undefined, fileName: undefined, isWatched: false };
  }
  return { listUrl: state.from, fileId: route.fileId, fileName: state.name, isWatched: route.isWatched };
}

/** Opens a file beside the list that is shown now. */
export function openFile(fileId: FileId, name: string): void {
  const isOpen = parseRoute(location.pathname).page === "file";
  const from = isOpen ? parseFileState(history.state).from : location.pathname + location.search;
  // Going through a list, file after file, "back" leads out of it at once.
  navigate(filePath(fileId), { state: { from, name } satisfies FileState, replace: isOpen });
}

/** Plays or shows the file that is open. */
export function watchFile(fileId: FileId, name: string): void {
  navigate(watchPath(fileId), {
    state: { from: parseFileState(history.state).from, name } satisfies FileState,
  });
}

/** Back from the player to the list beside the file. */
export function stopWatching(fileId: FileId): void {
  navigate(filePath(fileId), { state: history.state as unknown, replace: true });
}

export function closeFile(): void {
  navigate(parseFileState(history.state).from);
}

/**
 * Shows another search in the list, whether a file is open or not. Letters typed one after the other make one entry of
 * the history, everything else one each.
 */
export function changeSearch(url: string, { isTyping }: { isTyping: boolean }): void {
  const isOpen = parseRoute(location.pathname).page === "file";
  if (isOpen) {
    const state = parseFileState(history.state);
    return navigate(location.pathname, { replace: true, state: { ...state, from: url } });
  }
  const { wasTyped } = (history.state ?? {}) as { wasTyped?: unknown };
  navigate(url, { replace: isTyping && wasTyped === true, state: isTyping ? { wasTyped: true } : null });
}

function parseFileState(state: unknown): FileState {
  const { from, name } = (typeof state === "object" && state !== null ? state : {}) as Record<
    string,
    unknown
  >;
  return {
    from: typeof from === "string" && /^\/(?!\/)/.test(from) ? from : "/",
    ...(typeof name === "string" ? { name } : {}),
  };
}
