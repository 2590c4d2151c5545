import {
  type GrpcTransportOptions,
  Http2SessionManager,
  createGrpcTransport,
} from "@connectrpc/connect-node";
import { MAX_PEER_MESSAGE_BYTES, type PeerClient, createPeerClient } from "../rpc/peer-client.ts";

/** What may be on its way in one stream: at 10 ms of round trip, 400 MB/s. The default of 64 KiB lets 6 MB/s through. */
const STREAM_WINDOW_BYTES = 4 * 1024 * 1024;
/** For all streams of a connection together. A larger window for each stream alone changes nothing. */
const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;

/**
 * PeerService at a base URL, over gRPC and HTTP/2, with windows wide enough for lines with a round trip. For programs that
 * want gRPC; `createNodePeerClient` is faster. Calls have no deadline (it would cut long downloads): pass `timeoutMs` or
 * `signal`. Idle connections close after 15 minutes and don't keep the process running.
 */
export function createNodeGrpcPeerClient(url: string): PeerClient {
  return createPeerClient(
    createGrpcTransport({
      baseUrl: url,
      sessionManager: createWideSessions(url),
      acceptCompression: [],
      readMaxBytes: MAX_PEER_MESSAGE_BYTES,
    }),
  );
}

/** Connect's connections, opened wider: a session's own window can't be set before it is there. */
function createWideSessions(url: string): NonNullable<GrpcTransportOptions["sessionManager"]> {
  const sessions = new Http2SessionManager(url, undefined, {
    settings: { initialWindowSize: STREAM_WINDOW_BYTES },
  });
  return {
    authority: sessions.authority,
    async request(...call) {
      const stream = await sessions.request(...call);
      // The same again changes nothing.
      stream.session?.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
      return stream;
    },
    notifyResponseByteRead: (stream) => sessions.notifyResponseByteRead(stream),
  };
}
