import { type Client, type Transport, createClient } from "@connectrpc/connect";
import { PeerService } from "../gen/panal/v1/peer_pb.ts";

/** PeerService at one endpoint, as generated; errors are ConnectErrors (`panalErrorFromConnect`). */
export type PeerClient = Client<typeof PeerService>;

export function createPeerClient(transport: Transport): PeerClient {
  return createClient(PeerService, transport);
}

/** Longest message a peer may answer with: a manifest of 131 072 pieces, 4 MiB, and what is around it. */
export const MAX_PEER_MESSAGE_BYTES = 4 * 1024 * 1024 + 4096;
/** A peer has this long for anything but file data. */
export const PEER_CALL_TIMEOUT_MS = 10_000;
