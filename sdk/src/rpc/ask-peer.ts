import type { GetPeerResponse } from "../gen/panal/v1/peer_pb.ts";
import type { Endpoint } from "../tracker/api.ts";
import type { Clock } from "../transfer/clock.ts";
import type { Route } from "../transfer/source.ts";
import { type EndpointMemory, endpointMemory } from "./endpoint-memory.ts";
import { callAtBest } from "./endpoint-race.ts";
import { PEER_CALL_TIMEOUT_MS, type PeerClient } from "./peer-client.ts";
import { rankEndpoints } from "./rank-endpoints.ts";

export interface AskPeerOptions {
  createClient: (url: string) => PeerClient;
  signal: AbortSignal;
  clock?: Clock;
  /** Default: what all sources here have found out. */
  memory?: EndpointMemory;
}

/** What a peer says of itself, and which of its endpoints answered first. Throws what the best of them meets when none does. */
export async function askPeer(
  endpoints: readonly Pick<Endpoint, "url" | "route">[],
  { createClient, signal, clock, memory = endpointMemory }: AskPeerOptions,
): Promise<{ url: string; route: Route; peer: GetPeerResponse }> {
  const { endpoint, value } = await callAtBest(
    rankEndpoints(endpoints, memory),
    (url, raceSignal) =>
      createClient(url).getPeer({}, { signal: raceSignal, timeoutMs: PEER_CALL_TIMEOUT_MS }),
    { signal, memory, ...(clock === undefined ? {} : { clock }) },
  );
  return { url: endpoint.url, route: endpoint.route, peer: value };
}
