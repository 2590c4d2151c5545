import { PanalError } from "@panal/sdk";
import type { Caller } from "./caller.ts";
import type { PeerRecord, PeerStore, View } from "./store/store.ts";

/** A peer is in no answer any more when its last heartbeat is this many intervals old: one may get lost. */
const ALIVE_INTERVALS = 2.5;

/** Who is there for whom. */
export interface LivePeers {
  /** How long a peer lives after a heartbeat. */
  readonly aliveMs: number;
  /** Peers seen last before this aren't alive. */
  aliveSince(): number;
  /** All that live now, for the operator. */
  everything(): View;
  /** What a caller may see now. */
  viewFor(caller: Pick<Caller, "isLocal">): View;
  /** A live peer the caller may see. Throws "not-found". */
  visiblePeer(peerId: string, caller: Pick<Caller, "isLocal">): Promise<PeerRecord>;
}

export interface LivePeersOptions {
  store: { readonly peers: Pick<PeerStore, "find"> };
  /** Milliseconds since 1970, the same for all who use the store. */
  now: () => number;
  heartbeatSeconds: number;
}

export function createLivePeers({ store, now, heartbeatSeconds }: LivePeersOptions): LivePeers {
  const aliveMs = ALIVE_INTERVALS * heartbeatSeconds * 1000;
  const aliveSince = () => now() - aliveMs;
  return {
    aliveMs,
    aliveSince,
    everything: () => ({ aliveSince: aliveSince(), includeLocalOnly: true }),
    viewFor: ({ isLocal }) => ({ aliveSince: aliveSince(), includeLocalOnly: isLocal }),
    async visiblePeer(peerId, { isLocal }) {
      const peer = await store.peers.find({ peerId });
      const isVisible =
        peer !== undefined && peer.lastSeenAt >= aliveSince() && (isLocal || !peer.isLocalOnly);
      if (!isVisible) throw new PanalError("not-found", `peer ${peerId}: not here (any more)`);
      return peer;
    },
  };
}
