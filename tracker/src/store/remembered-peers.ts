import type { PeerRecord, Store } from "./store.ts";

type Parts = Pick<Store, "peers" | "lists" | "reports">;

/** Peers in memory at the same time, of about a KiB each. */
const MAX_REMEMBERED = 20_000;

/**
 * Remembers peers that were found by their ids: each heartbeat looks for one, and to ask the database takes longer than all
 * else about it. Only for a store to which nobody else writes. What changes a peer makes it forgotten before the change is
 * answered, so that whoever made it, or was told of it, finds the peer as it is now.
 */
export function rememberPeers<P extends Parts>(parts: P, { maxRemembered = MAX_REMEMBERED } = {}): P {
  const { peers, lists, reports } = parts;
  const known = new Map<string, PeerRecord>();
  /** Whoever looked before a change was done may have seen what was before. */
  let changes = 0;

  function remember(peer: PeerRecord): void {
    if (known.size >= maxRemembered) {
      for (const oldest of known.keys()) {
        known.delete(oldest);
        break;
      }
    }
    known.set(peer.peerId, peer);
  }

  /** Also when it fails: then nobody knows what it did. */
  async function changing<T>(work: Promise<T>, forget: (result: T | undefined) => void): Promise<T> {
    let result: T | undefined;
    try {
      result = await work;
      return result;
    } finally {
      changes++;
      forget(result);
    }
  }
  const changingOne = <T>(peerId: string, work: Promise<T>) => changing(work, () => known.delete(peerId));

  return {
    ...parts,
    peers: {
      ...peers,
      async find(by) {
        const remembered = "peerId" in by ? known.get(by.peerId) : undefined;
        if (remembered !== undefined) return remembered;
        const changesBefore = changes;
        const peer = await peers.find(by);
        if (peer !== undefined && changes === changesBefore) remember(peer);
        return peer;
      },
      save: (peer) =>
        changing(peers.save(peer), () => {
          known.delete(peer.peerId);
          for (const peerId of peer.replaces) known.delete(peerId);
          // Those that aren't alive may have lost their addresses, and themselves, to it.
          for (const { peerId, lastSeenAt } of known.values()) {
            if (lastSeenAt < peer.aliveSince) known.delete(peerId);
          }
        }),
      touch: (seen) =>
        changing(peers.touch(seen), (back) => {
          for (const { peerId, seenAt } of seen) {
            const peer = known.get(peerId);
            if (peer === undefined) continue;
            if (back === undefined) known.delete(peerId);
            else known.set(peerId, { ...peer, lastSeenAt: Math.max(peer.lastSeenAt, seenAt) });
          }
        }),
      remove: (which) =>
        changing(peers.remove(which), (removed) => {
          if (removed === undefined) known.clear();
          else for (const peerId of removed) known.delete(peerId);
        }),
      noteReach: (check) => changingOne(check.peerId, peers.noteReach(check)),
    },
    lists: {
      ...lists,
      commit: (upload) => changingOne(upload.peerId, lists.commit(upload)),
      patch: (patch) => changingOne(patch.peerId, lists.patch(patch)),
    },
    reports: {
      ...reports,
      add: (report) => changingOne(report.peerId, reports.add(report)),
    },
  };
}
