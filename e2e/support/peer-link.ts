import { listedPeers } from "./listed-peers.ts";
import { until } from "./processes.ts";

/** The address of the page of the peer that is called so, once it is there. */
export async function linkOf(trackerUrl: string, name: string): Promise<string> {
  const peerId = await until(
    `${name} is there`,
    async () => (await listedPeers(trackerUrl)).find((peer) => peer.name === name)?.peerId,
  );
  return `${trackerUrl}/p/${peerId}`;
}
