import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { refetchEvery } from "./query-client.ts";
import { tracker } from "./tracker.ts";

const PEERS_PAGE_SIZE = 100;

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
    refetchInterval: refetchEvery(5),
  });
}

/** Null when no such peer is alive. */
export function usePeer(peerId: string) {
  return useQuery({
    queryKey: ["peer", peerId],
    queryFn: async ({ signal }) => (await tracker.getPeer(peerId, { signal })) ?? null,
    refetchInterval: refetchEvery(5),
  });
}
