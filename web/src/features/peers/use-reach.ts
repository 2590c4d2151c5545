import type { Peer } from "@panal/sdk";
import { createBrowserPeerClient } from "@panal/sdk/browser";
import { askPeer, panalErrorFromConnect } from "@panal/sdk/rpc";
import type { Route } from "@panal/sdk/transfer";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

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
  const query = useQuery({
    queryKey: ["reach", peer?.peerId],
    queryFn: ({ signal }) => reachPeer(peer?.endpoints ?? [], signal),
    enabled: peer !== undefined,
    retry: false,
    staleTime: 15_000,
    refetchInterval: 30_000,
  });
  const addresses = peer?.endpoints.map(({ url, route }) => `${route} ${url}`).join("\n");
  const askedAt = useRef(addresses);
  const { refetch } = query;
  useEffect(() => {
    if (askedAt.current !== undefined && askedAt.current !== addresses) void refetch();
    askedAt.current = addresses;
  }, [addresses, refetch]);
  return query;
}
