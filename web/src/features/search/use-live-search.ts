import { useQuery } from "@tanstack/react-query";
import type { FilesQuery } from "@panal/sdk/tracker";
import { systemClock } from "@panal/sdk/transfer";
import { useEffect, useState, useSyncExternalStore } from "react";
import { refetchEvery } from "../../app/query-client.ts";
import { tracker } from "../../app/tracker.ts";
import { useTrackerFeed } from "../../app/tracker-feed.ts";
import { createLiveSearch, type LiveSearch, type LiveSearchState } from "./live-search.ts";
import { fetchFilesPage, searchKey, takeSearchAhead } from "./search-ahead.ts";
import { filesQuery, type Search } from "./search-query.ts";

/** Going back to one of the last searches shows it as it was, until the tracker has answered. */
const MAX_KEPT = 4;
const kept = new Map<string, LiveSearch>();

/** The results of a search, kept true by the tracker's events. */
export interface ShownSearch {
  readonly live: LiveSearch;
  readonly state: LiveSearchState;
  /** What is shown is of the search before: the new one isn't answered yet. */
  readonly isOld: boolean;
}

export function useLiveSearch(search: Search): ShownSearch {
  const query = filesQuery(search, Date.now());
  const key = searchKey(query);
  const [wanted, setWanted] = useState(() => ({ key, live: liveSearchOf(key, query) }));
  // Both while rendering, as React wants what follows from props: nothing is shown of the state between.
  if (wanted.key !== key) setWanted({ key, live: liveSearchOf(key, query) });
  const [shown, setShown] = useState(wanted.live);
  const wantedState = useSyncExternalStore(wanted.live.subscribe, wanted.live.state);
  const isAnswered = wantedState.status !== "loading";
  if (isAnswered && shown !== wanted.live) setShown(wanted.live);
  const state = useSyncExternalStore(shown.subscribe, shown.state);

  useEffect(() => wanted.live.open(), [wanted]);
  useTrackerFeed(search.words, (event) => {
    // A peer's name or addresses change nothing here.
    if (event?.type !== "peer-changed") wanted.live.touch();
  });
  return { live: shown, state, isOld: shown !== wanted.live };
}

function liveSearchOf(key: string, query: FilesQuery): LiveSearch {
  const live = kept.get(key) ?? newLiveSearch(key, query);
  kept.delete(key);
  kept.set(key, live);
  for (const oldest of kept.keys()) {
    if (kept.size <= MAX_KEPT) break;
    kept.delete(oldest);
  }
  return live;
}

function newLiveSearch(key: string, query: FilesQuery): LiveSearch {
  return createLiveSearch({
    ahead: takeSearchAhead(key),
    fetchPage: (cursor, signal) => fetchFilesPage(query, { cursor, signal }),
    // A search that finds nothing is an answer; asking for the file itself would be an error in the console.
    isThere: async (fileId, signal) =>
      (await tracker.searchFiles({ q: fileId, limit: 1 }, { signal })).files.length > 0,
    clock: systemClock,
  });
}

export function useStats() {
  return useQuery({
    queryKey: ["stats"],
    queryFn: ({ signal }) => tracker.getStats({ signal }),
    refetchInterval: refetchEvery(10),
  });
}
