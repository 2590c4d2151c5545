import { useCallback, useSyncExternalStore } from "react";

/** One for each query: the browser keeps a new list, and who listens to it, until it collects garbage. */
const lists = new Map<string, MediaQueryList>();

function listOf(query: string): MediaQueryList {
  let list = lists.get(query);
  if (list === undefined) {
    list = matchMedia(query);
    lists.set(query, list);
  }
  return list;
}

/** Whether a media query matches, followed. */
export function useMedia(query: string): boolean {
  // The same at each render: else React would stop listening and begin anew, several times a second while something loads.
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = listOf(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => listOf(query).matches);
}

/** From this width on, the file stands beside the list. */
export function useIsWide(): boolean {
  return useMedia("(min-width: 64rem)");
}
