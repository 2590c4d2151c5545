import type { Transport } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { MAX_RELAY_MESSAGE_BYTES } from "../rpc/attach.ts";
import { createLimitedFetch } from "./limited-fetch.ts";

/** RelayService at the relay's origin, over gRPC-Web; for `attach`. */
export function createBrowserRelayTransport(relayUrl: string): Transport {
  return createGrpcWebTransport({ baseUrl: relayUrl, fetch: createLimitedFetch(MAX_RELAY_MESSAGE_BYTES) });
}
