import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { refetchEvery } from "../../app/query-client.ts";
import { tracker } from "../../app/tracker.ts";

const PAGE_SIZE = 100;
/** The tracker takes no longer query. */
export const MAX_WORDS_LENGTH = 200;

/** Files whose paths hold all the words; the newest files when there are none. Stale answers are given up. */
export function useFileSearch(words: string) {
  return useInfiniteQuery({
    queryKey: ["files", words],
    queryFn: ({ pageParam, signal }) =>
      tracker.searchFiles(
        {
          q: words,
          sort: words === "" ? "-mtime" : "relevance",
          limit: PAGE_SIZE,
          ...(pageParam === "" ? {} : { cursor: pageParam }),
        },
        { signal },
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: refetchEvery(10),
  });
}

export function useStats() {
  return useQuery({
    queryKey: ["stats"],
    queryFn: ({ signal }) => tracker.getStats({ signal }),
    refetchInterval: refetchEvery(10),
  });
}

/** A value once it has not changed for a while. */
export function useSettled<T>(value: T, delayMs: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delayMs);
    return () => clearTimeout(timer);
  }, [value, delayMs]);
  return settled;
}
