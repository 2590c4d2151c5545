import type { Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { MAX_RELAY_MESSAGE_BYTES } from "../rpc/attach.ts";

/** RelayService at the relay's origin: Connect over HTTP/1.1, which any proxy passes on. */
export function createRelayTransport(relayUrl: string): Transport {
  return createConnectTransport({
    baseUrl: relayUrl,
    httpVersion: "1.1",
    acceptCompression: [],
    readMaxBytes: MAX_RELAY_MESSAGE_BYTES,
  });
}
