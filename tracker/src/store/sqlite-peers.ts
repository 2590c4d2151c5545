import { PanalError } from "@panal/sdk/thread";
import {
  type PeerRow as AnyPeerRow,
  SELECT_PEERS,
  pageOfPeers,
  peerFromRow,
  placeAmongPeers,
} from "./peer-row.ts";
import type { AddressConflict, PeerChange, PeerRecord, PeerStore, View } from "./store.ts";
import type { Database, Param } from "./sqlite-schema.ts";

type PeerRow = AnyPeerRow<number>;

/** Whether the peer `p` is in the view; takes `viewParams`. */
export const IS_VISIBLE = "p.last_seen_at >= ? AND p.is_local_only <= ?";

export function viewParams(view: View): [number, number] {
  return [view.aliveSince, view.includeLocalOnly ? 1 : 0];
}

export function createPeerStore(db: Database): PeerStore {
  function conflicts(peer: PeerChange): AddressConflict[] {
    const found = new Map<string, { peerId: string; keys: string[]; lastSeenAt: number }>();
    for (const key of peer.addressKeys) {
      const rows = db.all<{ peer_id: string; last_seen_at: number }>(
        `SELECT p.peer_id, p.last_seen_at FROM addresses a JOIN peers p ON p.id = a.peer
         WHERE a.key = ? AND p.peer_id <> ?`,
        [key, peer.peerId],
      );
      for (const { peer_id: peerId, last_seen_at: lastSeenAt } of rows) {
        const conflict = found.get(peerId) ?? { peerId, keys: [], lastSeenAt };
        conflict.keys.push(key);
        found.set(peerId, conflict);
      }
    }
    return [...found.values()];
  }

  /** Makes room at the addresses, or gives the live peers that keep them. */
  function claimAddresses(peer: PeerChange): AddressConflict[] {
    const all = conflicts(peer);
    const isFree = ({ peerId, lastSeenAt }: AddressConflict) =>
      lastSeenAt < peer.aliveSince || peer.replaces.includes(peerId);
    const standing = all.filter((conflict) => !isFree(conflict));
    if (standing.length === 0) for (const { peerId } of all) removeOne(peerId);
    return standing;
  }

  function setAddresses(id: number, keys: readonly string[]): void {
    db.run("DELETE FROM addresses WHERE peer = ?", [id]);
    for (const key of keys) db.run("INSERT OR IGNORE INTO addresses (key, peer) VALUES (?, ?)", [key, id]);
  }

  function removeOne(peerId: string): boolean {
    const id = db.get<{ id: number }>("SELECT id FROM peers WHERE peer_id = ?", [peerId])?.id;
    if (id === undefined) return false;
    db.run("UPDATE lists SET state = 'garbage', upload = NULL WHERE peer = ?", [id]);
    db.run("DELETE FROM addresses WHERE peer = ?", [id]);
    db.run("DELETE FROM bare_names WHERE peer = ?", [id]);
    db.run("DELETE FROM reports WHERE peer = ?", [id]);
    db.run("DELETE FROM peers WHERE id = ?", [id]);
    return true;
  }

  /** With an empty list of files; the profile comes after. */
  function insertOne({ peerId, leaseHash, seenAt, maxPeers }: PeerChange): number {
    if (db.get<{ count: number }>("SELECT count(*) AS count FROM peers")!.count >= maxPeers) {
      throw new PanalError("busy", `this tracker takes ${maxPeers} peers, and has them`);
    }
    const list = db.run(
      "INSERT INTO lists (peer, state, file_count, total_size, touched_at) VALUES (0, 'current', 0, 0, ?)",
      [seenAt],
    ).id;
    const { id } = db.run(
      `INSERT INTO peers (name, version, accepts_uploads, urls, dialable_urls, is_local_only, peer_id, lease_hash, list,
         revision, registered_at, last_seen_at) VALUES ('', '', 0, '[]', '[]', 0, ?, ?, ?, 0, ?, ?)`,
      [peerId, leaseHash, list, seenAt, seenAt],
    );
    db.run("UPDATE lists SET peer = ? WHERE id = ?", [id, list]);
    return id;
  }

  const profileParams = (peer: PeerChange): Param[] => [
    peer.name,
    peer.version,
    peer.acceptsUploads ? 1 : 0,
    JSON.stringify(peer.urls),
    JSON.stringify(peer.dialableUrls),
    peer.isLocalOnly ? 1 : 0,
    peer.nonce,
    peer.registeredFrom,
  ];

  function findOne(condition: string, value: Param): PeerRecord | undefined {
    const row = db.get<PeerRow>(`${SELECT_PEERS} WHERE ${condition}`, [value]);
    return row && peerFromRow(row);
  }

  return {
    async save(peer) {
      return db.transaction(() => {
        const known = db.get<{ id: number }>("SELECT id FROM peers WHERE peer_id = ?", [peer.peerId])?.id;
        const standing = claimAddresses(peer);
        if (standing.length > 0) return standing;
        const id = known ?? insertOne(peer);
        db.run(
          `UPDATE peers SET name = ?, version = ?, accepts_uploads = ?, urls = ?, dialable_urls = ?,
             is_local_only = ?, nonce = ?, registered_from = ?, findings = '[]', checked_at = 0,
             is_silent = 0, last_seen_at = max(last_seen_at, ?) WHERE id = ?`,
          [...profileParams(peer), peer.seenAt, id],
        );
        setAddresses(id, peer.addressKeys);
        return [];
      });
    },
    async find(by) {
      return "peerId" in by ? findOne("p.peer_id = ?", by.peerId) : findOne("p.lease_hash = ?", by.leaseHash);
    },
    async touch(seen) {
      if (seen.length === 0) return [];
      return db.transaction(() => {
        const back: PeerRecord[] = [];
        for (const { peerId, seenAt } of seen) {
          db.run("UPDATE peers SET last_seen_at = max(last_seen_at, ?) WHERE peer_id = ?", [seenAt, peerId]);
          const { changes } = db.run("UPDATE peers SET is_silent = 0 WHERE peer_id = ? AND is_silent = 1", [
            peerId,
          ]);
          if (changes > 0) back.push(findOne("p.peer_id = ?", peerId)!);
        }
        return back;
      });
    },
    async fallSilent({ seenBefore }) {
      return db.transaction(() => {
        const rows = db.all<PeerRow>(
          `${SELECT_PEERS}
           WHERE p.last_seen_at < ? AND p.is_silent = 0`,
          [seenBefore],
        );
        for (const { id } of rows) db.run("UPDATE peers SET is_silent = 1 WHERE id = ?", [id]);
        return rows.map(peerFromRow);
      });
    },
    async remove(which) {
      return db.transaction(() => {
        const peerIds =
          "peerIds" in which
            ? which.peerIds
            : db
                .all<{ peer_id: string }>("SELECT peer_id FROM peers WHERE last_seen_at < ?", [
                  which.seenBefore,
                ])
                .map((row) => row.peer_id);
        return peerIds.filter(removeOne);
      });
    },
    async seenBetween({ start, end }) {
      const rows = db.all<PeerRow>(
        `${SELECT_PEERS}
         WHERE p.last_seen_at >= ? AND p.last_seen_at < ?`,
        [start, end],
      );
      return rows.map(peerFromRow);
    },
    async list(view, { cursor, limit }) {
      const rows = db.all<PeerRow>(
        `${SELECT_PEERS}
         WHERE ${IS_VISIBLE} AND (p.registered_at, p.id) > (?, ?) ORDER BY p.registered_at, p.id LIMIT ?`,
        [...viewParams(view), ...placeAmongPeers(cursor), limit + 1],
      );
      return pageOfPeers(rows, limit);
    },
    async noteReach({ peerId, nonce, findings, checkedAt }) {
      const { changes } = db.run(
        "UPDATE peers SET findings = ?, checked_at = ? WHERE peer_id = ? AND nonce = ?",
        [JSON.stringify(findings), checkedAt, peerId, nonce],
      );
      return changes > 0;
    },
  };
}
