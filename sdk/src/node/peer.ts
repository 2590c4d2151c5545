import { createConnectTransport } from "@connectrpc/connect-node";
import {
  MAX_PEER_MESSAGE_BYTES,
  PEER_CALL_TIMEOUT_MS,
  type PeerClient,
  createPeerClient,
} from "../rpc/peer-client.ts";
import { type PeerConnector, type PeerSourceOptions, createPeerSource } from "../rpc/peer-source.ts";
import { type PeerUploadOptions, createPeerUploadTarget } from "../rpc/peer-upload-target.ts";
import { connectStream } from "../rpc/stream-formats.ts";
import type { Source } from "../transfer/source.ts";
import type { UploadTarget } from "../transfer/upload-target.ts";
import { nodeByteTransport } from "./byte-transport.ts";

/** PeerService at a base URL, over Connect and HTTP/1.1 (Node's HTTP/2 is several times slower). */
export function createNodePeerClient(url: string): PeerClient {
  return createPeerClient(
    createConnectTransport({
      baseUrl: url,
      httpVersion: "1.1",
      acceptCompression: [],
      readMaxBytes: MAX_PEER_MESSAGE_BYTES,
      defaultTimeoutMs: PEER_CALL_TIMEOUT_MS,
    }),
  );
}

const connector: PeerConnector = {
  createClient: createNodePeerClient,
  byteTransport: nodeByteTransport,
  protocol: connectStream,
};

/** A peer as a source of `download`. */
export function createNodePeerSource(options: PeerSourceOptions): Source {
  return createPeerSource(options, connector);
}

/** A peer as a target of `upload`. */
export function createNodeUploadTarget(options: PeerUploadOptions): UploadTarget {
  return createPeerUploadTarget(options, connector);
}
