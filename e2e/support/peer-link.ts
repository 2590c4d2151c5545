import { until } from "./processes.ts";

/** The address of the page of the peer that is called so, once it is there. */
export async function linkOf(trackerUrl: string, name: string): Promise<string> {
  const peers = async () => {
    const response = await fetch(`${trackerUrl}/api/v1/peers`);
    return ((await response.json()) as { peers: { peerId: string; name: string }[] }).peers;
  };
  const peerId = await until(
    `${name} is there`,
    async () => (await peers()).find((peer) => peer.name === name)?.peerId,
  );
  return `${trackerUrl}/p/${peerId}`;
}
