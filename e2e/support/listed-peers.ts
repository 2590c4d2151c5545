import type { Peer } from "@panal/sdk";

/** Those a tracker lists, as anybody is told of them. */
export async function listedPeers(trackerUrl: string): Promise<Peer[]> {
  const response = await fetch(`${trackerUrl}/api/v1/peers`);
  return ((await response.json()) as { peers: Peer[] }).peers;
}
