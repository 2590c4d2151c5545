import type { HeartbeatResponse, Peer } from "@panal/sdk";
import type { Caller } from "../caller.ts";
import type { Services } from "../context.ts";
import { endpointsFor } from "../endpoints.ts";
import { reachOfPeer } from "../reach.ts";
import type { PeerRecord } from "../store/store.ts";

/** RFC 3339 of milliseconds since 1970. */
export function timeText(time: number): string {
  return new Date(time).toISOString();
}

type Heard = Required<Pick<HeartbeatResponse, "revision" | "reachable">> & { expiresAt: number };

/** What a peer that was heard is told. */
export function presentHeartbeat(
  { registry, webOrigins }: Pick<Services, "registry" | "webOrigins">,
  { revision, expiresAt, reachable }: Heard,
): HeartbeatResponse {
  return {
    heartbeatSeconds: registry.heartbeatSeconds,
    expiresAt: timeText(expiresAt),
    webOrigins: webOrigins.list(),
    revision,
    reachable,
  };
}

/** Whether the tracker found the peer at one of its addresses. */
export function presentReach(
  peer: PeerRecord,
): Required<Pick<Peer, "reachable" | "reachableReason">> & Pick<Peer, "checkedAt"> {
  const { reachable, reason } = reachOfPeer(peer);
  const checked = peer.checkedAt === 0 ? {} : { checkedAt: timeText(peer.checkedAt) };
  return { reachable, reachableReason: reason, ...checked };
}

/** A peer as this caller may see it. */
export function presentPeer(
  peer: PeerRecord,
  { caller, via }: { caller: Caller; via: Services["via"] },
): Peer {
  return {
    peerId: peer.peerId,
    name: peer.name,
    version: peer.version,
    acceptsUploads: peer.acceptsUploads,
    endpoints: endpointsFor(peer, caller, via),
    fileCount: peer.fileCount,
    totalSize: peer.totalSize,
    registeredAt: timeText(peer.registeredAt),
    lastSeenAt: timeText(peer.lastSeenAt),
    ...presentReach(peer),
  };
}
