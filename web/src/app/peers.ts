import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { refetchEvery } from "./query-client.ts";
import { tracker } from "./tracker.ts";
import { useTrackerFeed } from "./tracker-feed.ts";

const PEERS_PAGE_SIZE = 100;
/** However much happens, the tracker is asked again at most this often. */
const REFRESH_GAP_MS = 1_000;

/** Everybody who shares something now. */
export function usePeers() {
  return useInfiniteQuery({
    queryKey: ["peers"],
    queryFn: ({ pageParam, signal }) =>
      tracker.listPeers(
        { limit: PEERS_PAGE_SIZE, ...(pageParam === "" ? {} : { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: refetchEvery(10),
  });
}

/** Null when no such peer is alive. */
export function usePeer(peerId: string) {
  return useQuery({
    queryKey: ["peer", peerId],
    queryFn: async ({ signal }) => (await tracker.getPeer(peerId, { signal })) ?? null,
    refetchInterval: refetchEvery(10),
  });
}

/** Asks for these anew as soon as something happens to a peer, or to this one. */
export function useLivePeers(queryKeys: readonly (readonly string[])[], peerId?: string): void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useTrackerFeed(undefined, (event) => {
    const concernsUs =
      event === undefined || peerId === undefined || !("peerId" in event) || event.peerId === peerId;
    if (!concernsUs || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      for (const queryKey of queryKeys) void client.invalidateQueries({ queryKey });
    }, REFRESH_GAP_MS);
  });
}
