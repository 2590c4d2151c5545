import { PanalError, type Peer } from "@panal/sdk";
import { createBrowserPeerClient } from "@panal/sdk/browser";
import { panalErrorFromConnect } from "@panal/sdk/rpc";
import { useQuery } from "@tanstack/react-query";

/** A peer that takes longer is no use for a download either. */
const CHECK_TIMEOUT_MS = 5_000;

/** Where this browser reaches a peer, and how fast it answers. */
export interface Reach {
  readonly url: string;
  readonly route: string;
  readonly ms: number;
  /** The peer is still reading its folder. */
  readonly isIndexing: boolean;
  /** Whether it takes files, and if so, whether only with its upload code. */
  readonly uploads: "none" | "open" | "code";
}

/** Asks the peer itself, at one address after the other; throws the first one's failure when none answers. */
async function reachPeer(endpoints: Peer["endpoints"], signal: AbortSignal): Promise<Reach> {
  let failure: PanalError | undefined;
  for (const { url, route } of endpoints) {
    const client = createBrowserPeerClient(url);
    const options = { signal, timeoutMs: CHECK_TIMEOUT_MS };
    try {
      // The first call connects and asks for permission (CORS); the second one tells how far away the peer is.
      await client.getPeer({}, options);
      const startedAtMs = performance.now();
      const { indexing, acceptsUploads, uploadNeedsCode } = await client.getPeer({}, options);
      const ms = performance.now() - startedAtMs;
      const uploads = !acceptsUploads ? "none" : uploadNeedsCode ? "code" : "open";
      return { url, route, ms, isIndexing: indexing, uploads };
    } catch (error) {
      failure ??= panalErrorFromConnect(error);
      if (signal.aborted) break;
    }
  }
  throw failure ?? new PanalError("unreachable", "the peer has announced no address");
}

export function useReach(peer: Pick<Peer, "peerId" | "endpoints"> | undefined) {
  return useQuery({
    queryKey: ["reach", peer?.peerId, peer?.endpoints],
    queryFn: ({ signal }) => reachPeer(peer?.endpoints ?? [], signal),
    enabled: peer !== undefined,
    retry: false,
    staleTime: 15_000,
    refetchInterval: 30_000,
  });
}
