import { PanalError, type Peer, type TrackerClient, displayName } from "@panal/sdk";
import { UsageError } from "./exit-codes.ts";

/** Every live peer, page by page. */
export async function allPeers(tracker: TrackerClient): Promise<Peer[]> {
  const peers: Peer[] = [];
  let cursor: string | undefined;
  do {
    const page = await tracker.listPeers(cursor === undefined ? {} : { cursor });
    peers.push(...page.peers);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return peers;
}

/** The live peer with this id or, when it is the only one, this name. Throws "not-found" or a UsageError. */
export async function findPeer(tracker: TrackerClient, wanted: string): Promise<Peer> {
  const peers = await allPeers(tracker);
  const byId = peers.find(({ peerId }) => peerId === wanted);
  if (byId !== undefined) return byId;
  const byName = peers.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  const [only] = byName;
  if (only === undefined) throw new PanalError("not-found", `no live peer is called ${displayName(wanted)}`);
  if (byName.length > 1) {
    const ids = byName.map(({ peerId }) => peerId).join(", ");
    throw new UsageError(
      `${byName.length} peers are called ${displayName(wanted)}: name one by its id (${ids})`,
    );
  }
  return only;
}
