import type { Peer } from "@panal/sdk";
import { createBrowserPeerClient } from "@panal/sdk/browser";
import { askPeer, panalErrorFromConnect } from "@panal/sdk/rpc";
import type { Route } from "@panal/sdk/transfer";
import { useQuery, useQueryClient } from "@tanstack/react-query";

/** Where this browser reaches a peer, and how fast it answers. */
export interface Reach {
  readonly url: string;
  readonly route: Route;
  readonly ms: number;
  /** The peer is still reading its folder. */
  readonly isIndexing: boolean;
  /** Whether it takes files, and if so, whether only with its upload code. */
  readonly uploads: "none" | "open" | "code";
}

/** Asks the peer itself, as a download does: at all its addresses in a race. Throws what the best of them meets when none answers. */
async function reachPeer(endpoints: Peer["endpoints"], signal: AbortSignal): Promise<Reach> {
  const createClient = createBrowserPeerClient;
  // This one connects and asks for permission (CORS); a second call tells how far away the peer is.
  const { url, route, peer } = await askPeer(endpoints, { createClient, signal });
  const { indexing, acceptsUploads, uploadNeedsCode } = peer;
  const startedAtMs = performance.now();
  try {
    await createClient(url).getPeer({}, { signal });
  } catch (error) {
    throw panalErrorFromConnect(error);
  }
  const ms = performance.now() - startedAtMs;
  const uploads = !acceptsUploads ? "none" : uploadNeedsCode ? "code" : "open";
  return { url, route, ms, isIndexing: indexing, uploads };
}

/**
 * What was known of a peer stays while it doesn't answer, or the tracker knows other addresses of it: what it is sent, and how that goes, is
 * shown all the same.
 */
export function useReach(peer: Pick<Peer, "peerId" | "endpoints"> | undefined) {
  const client = useQueryClient();
  const ofPeer = ["reach", peer?.peerId];
  return useQuery({
    queryKey: [...ofPeer, peer?.endpoints],
    queryFn: ({ signal }) => reachPeer(peer?.endpoints ?? [], signal),
    enabled: peer !== undefined,
    retry: false,
    staleTime: 15_000,
    refetchInterval: 30_000,
    // Other than a placeholder it outlives a failure.
    initialData: () => client.getQueriesData<Reach>({ queryKey: ofPeer }).findLast(([, reach]) => reach)?.[1],
    // Asked anew all the same.
    initialDataUpdatedAt: 0,
  });
}
