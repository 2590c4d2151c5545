import { createGrpcWebTransport } from "@connectrpc/connect-web";
import {
  createPeerClient,
  MAX_PEER_MESSAGE_BYTES,
  PEER_CALL_TIMEOUT_MS,
  type PeerClient,
} from "../rpc/peer-client.ts";
import { endpointMemory } from "../rpc/endpoint-memory.ts";
import { createPeerSource, type PeerConnector, type PeerSourceOptions } from "../rpc/peer-source.ts";
import { createPeerUploadTarget, type PeerUploadOptions } from "../rpc/peer-upload-target.ts";
import { grpcWebStream } from "../rpc/stream-formats.ts";
import type { Source } from "../transfer/source.ts";
import type { UploadTarget } from "../transfer/upload-target.ts";
import { fetchByteTransport } from "./fetch-transport.ts";
import { createLimitedFetch } from "./limited-fetch.ts";

const limitedFetch = createLimitedFetch(MAX_PEER_MESSAGE_BYTES);

/** PeerService at a base URL, over gRPC-Web (binary). */
export function createBrowserPeerClient(url: string): PeerClient {
  return createPeerClient(
    createGrpcWebTransport({ baseUrl: url, fetch: limitedFetch, defaultTimeoutMs: PEER_CALL_TIMEOUT_MS }),
  );
}

// What was in the way, the next network may not have.
globalThis.addEventListener?.("online", () => endpointMemory.forget());

const connector: PeerConnector = {
  createClient: createBrowserPeerClient,
  byteTransport: fetchByteTransport,
  protocol: grpcWebStream,
};

/** A peer as a source of `download`. */
export function createBrowserPeerSource(options: PeerSourceOptions): Source {
  return createPeerSource(options, connector);
}

/** A peer as a target of `upload`. */
export function createBrowserUploadTarget(options: PeerUploadOptions): UploadTarget {
  return createPeerUploadTarget(options, connector);
}
