import type { Endpoint } from "@panal/sdk";
import type { Caller } from "../caller.ts";
import type { TrackerConfig } from "../config.ts";
import { reachOfPeer } from "../reach.ts";
import { reachedOrigin } from "../reached-origin.ts";
import type { PeerRecord } from "../store/store.ts";

/** What clients are told of the ways through the tracker. */
export interface ViaEndpoints {
  /** The gateway's origin as this caller reaches it; undefined when nobody can tell. */
  urlFor(caller: Pick<Caller, "reachedHost">): string | undefined;
  /** The endpoint of a peer there; undefined when no way leads to it. */
  endpointOf(peer: PeerRecord, caller: Pick<Caller, "reachedHost">): Endpoint | undefined;
}

export interface ViaEndpointsOptions {
  config: Pick<TrackerConfig, "viaUrl" | "publicUrl" | "relayUrl">;
  /** The port the gateway listens at here; undefined when it runs elsewhere. */
  port: number | undefined;
  /** Whether a peer is attached to the relay; undefined when that runs elsewhere, or nowhere. */
  isAttached?: ((peerId: string) => boolean) | undefined;
}

export function createViaEndpoints({ config, port, isAttached }: ViaEndpointsOptions): ViaEndpoints {
  const urlFor = (caller: Pick<Caller, "reachedHost">) =>
    reachedOrigin(caller, { url: config.viaUrl, publicUrl: config.publicUrl, port });

  /** Beside another tracker: who has no address is gone when it isn't attached there, and who can't be called most likely is. */
  function isAttachedElsewhere({ urls }: PeerRecord, reachable: Endpoint["reachable"]): boolean {
    return (
      isAttached === undefined && config.relayUrl !== undefined && (urls.length === 0 || reachable === "no")
    );
  }

  function routeTo(peer: PeerRecord): Pick<Endpoint, "route" | "reachable" | "reachableReason"> | undefined {
    if (isAttached?.(peer.peerId) === true) {
      return { route: "relay", reachable: "yes", reachableReason: "attached to the relay" };
    }
    const { reachable, reason } = reachOfPeer(peer);
    if (isAttachedElsewhere(peer, reachable)) {
      return {
        route: "relay",
        reachable: "unknown",
        reachableReason: "attached to the relay of another tracker, if it is",
      };
    }
    // Most likely the one that has just come is where it says.
    const isLikely = reachable === "yes" || (peer.checkedAt === 0 && peer.dialableUrls.length > 0);
    return isLikely ? { route: "gateway", reachable, reachableReason: reason } : undefined;
  }

  return {
    urlFor,
    endpointOf(peer, caller) {
      const viaUrl = urlFor(caller);
      const way = viaUrl === undefined ? undefined : routeTo(peer);
      return way && { url: `${viaUrl}/via/${peer.peerId}`, ...way };
    },
  };
}
