import { PanalError } from "@panal/sdk";
import {
  type PeerRow as AnyPeerRow,
  SELECT_PEERS,
  pageOfPeers,
  peerFromRow,
  placeAmongPeers,
} from "./peer-row.ts";
import type { PostgresParam, Queries } from "./postgres-connection.ts";
import type { AddressConflict, PeerChange, PeerRecord, PeerStore, View } from "./store.ts";

type PeerRow = AnyPeerRow<boolean>;

/** Whether the peer `p` is in the view, which `viewParams` puts into $1 and $2. */
export const IS_VISIBLE = "p.last_seen_at >= $1 AND p.is_local_only <= $2";

export function viewParams(view: View): [number, boolean] {
  return [view.aliveSince, view.includeLocalOnly];
}

export function createPeerStore(db: Queries): PeerStore {
  async function peersWhere(condition: string, params: readonly PostgresParam[]): Promise<PeerRecord[]> {
    return (await db.all<PeerRow>(`${SELECT_PEERS} WHERE ${condition}`, params)).map(peerFromRow);
  }

  return {
    save: (peer) => db.transaction((queries) => save(queries, peer)),
    async find(by) {
      const [found] = await ("peerId" in by
        ? peersWhere("p.peer_id = $1", [by.peerId])
        : peersWhere("p.lease_hash = $1", [by.leaseHash]));
      return found;
    },
    async touch(seen) {
      if (seen.length === 0) return [];
      return db.transaction(async (queries) => {
        // One statement for all. Rows are locked in the same order by all replicas, so that none waits for the other in turn.
        const back = await queries.all<{ id: number }>(
          `WITH seen AS (
             SELECT peer_id, max(at) AS at FROM unnest($1::text[], $2::bigint[]) AS s (peer_id, at) GROUP BY peer_id),
           known AS (
             SELECT p.id, p.is_silent, s.at FROM peers p JOIN seen s ON s.peer_id = p.peer_id ORDER BY p.id FOR UPDATE OF p),
           noted AS (
             UPDATE peers p SET last_seen_at = greatest(p.last_seen_at, k.at), is_silent = false
             FROM known k WHERE p.id = k.id)
           SELECT id FROM known WHERE is_silent`,
          [seen.map(({ peerId }) => peerId), seen.map(({ seenAt }) => seenAt)],
        );
        if (back.length === 0) return [];
        const ids = back.map(({ id }) => id);
        const rows = await queries.all<PeerRow>(
          `${SELECT_PEERS} WHERE p.id = ANY($1::bigint[]) ORDER BY p.id`,
          [ids],
        );
        return rows.map(peerFromRow);
      });
    },
    async fallSilent({ seenBefore }) {
      return db.transaction(async (queries) => {
        const rows = await queries.all<PeerRow>(
          `${SELECT_PEERS} WHERE p.last_seen_at < $1 AND NOT p.is_silent ORDER BY p.id FOR UPDATE OF p`,
          [seenBefore],
        );
        if (rows.length > 0)
          await queries.run("UPDATE peers SET is_silent = true WHERE id = ANY($1::bigint[])", [
            rows.map(({ id }) => id),
          ]);
        return rows.map(peerFromRow);
      });
    },
    async remove(which) {
      return db.transaction((queries) =>
        "peerIds" in which
          ? removePeers(queries, "peer_id = ANY($1::text[])", [which.peerIds])
          : removePeers(queries, "last_seen_at < $1", [which.seenBefore]),
      );
    },
    seenBetween: ({ start, end }) => peersWhere("p.last_seen_at >= $1 AND p.last_seen_at < $2", [start, end]),
    async list(view, { cursor, limit }) {
      const rows = await db.all<PeerRow>(
        `${SELECT_PEERS} WHERE ${IS_VISIBLE} AND (p.registered_at, p.id) > ($3, $4)
         ORDER BY p.registered_at, p.id LIMIT $5`,
        [...viewParams(view), ...placeAmongPeers(cursor), limit + 1],
      );
      return pageOfPeers(rows, limit);
    },
    async noteReach({ peerId, nonce, findings, checkedAt }) {
      const count = await db.run(
        "UPDATE peers SET findings = $1, checked_at = $2 WHERE peer_id = $3 AND nonce = $4",
        [JSON.stringify(findings), checkedAt, peerId, nonce],
      );
      return count > 0;
    },
  };
}

async function save(db: Queries, peer: PeerChange): Promise<AddressConflict[]> {
  const conflicts = await conflictsOf(db, peer);
  const isFree = ({ peerId, lastSeenAt }: AddressConflict) =>
    lastSeenAt < peer.aliveSince || peer.replaces.includes(peerId);
  const standing = conflicts.filter((conflict) => !isFree(conflict));
  if (standing.length > 0) return standing;
  if (conflicts.length > 0)
    await removePeers(db, "peer_id = ANY($1::text[])", [conflicts.map(({ peerId }) => peerId)]);
  const known = await db.get<{ id: number }>("SELECT id FROM peers WHERE peer_id = $1 FOR UPDATE", [
    peer.peerId,
  ]);
  const id = known?.id ?? (await insertPeer(db, peer));
  await db.run(
    `UPDATE peers SET name = $1, version = $2, accepts_uploads = $3, urls = $4, dialable_urls = $5, is_local_only = $6,
       nonce = $7, registered_from = $8, findings = '[]', checked_at = 0, is_silent = false,
       last_seen_at = greatest(last_seen_at, $9) WHERE id = $10`,
    [
      peer.name,
      peer.version,
      peer.acceptsUploads,
      JSON.stringify(peer.urls),
      JSON.stringify(peer.dialableUrls),
      peer.isLocalOnly,
      peer.nonce,
      peer.registeredFrom,
      peer.seenAt,
      id,
    ],
  );
  await db.run("DELETE FROM addresses WHERE peer = $1", [id]);
  // Two that want the same address at the same time: the second fails here, looks again, and finds the first.
  await db.run(
    "INSERT INTO addresses (key, peer) SELECT DISTINCT key, $2::bigint FROM unnest($1::text[]) AS k (key)",
    [peer.addressKeys, id],
  );
  return [];
}

async function conflictsOf(db: Queries, peer: PeerChange): Promise<AddressConflict[]> {
  const rows = await db.all<{ key: string; peer_id: string; last_seen_at: number }>(
    `SELECT k.key, p.peer_id, p.last_seen_at FROM unnest($1::text[]) WITH ORDINALITY AS k (key, place)
       JOIN addresses a ON a.key = k.key JOIN peers p ON p.id = a.peer
     WHERE p.peer_id <> $2 ORDER BY k.place`,
    [peer.addressKeys, peer.peerId],
  );
  return [...Map.groupBy(rows, ({ peer_id: peerId }) => peerId)].map(([peerId, ofPeer]) => ({
    peerId,
    keys: ofPeer.map(({ key }) => key),
    lastSeenAt: ofPeer[0]!.last_seen_at,
  }));
}

/** With an empty list of files; the profile comes after. */
async function insertPeer(db: Queries, { peerId, leaseHash, seenAt, maxPeers }: PeerChange): Promise<number> {
  const { count } = (await db.get<{ count: number }>("SELECT count(*) AS count FROM peers"))!;
  if (count >= maxPeers) throw new PanalError("busy", `this tracker takes ${maxPeers} peers, and has them`);
  const list = (await db.get<{ id: number }>(
    `INSERT INTO lists (peer, state, file_count, total_size, touched_at) VALUES (0, 'current', 0, 0, $1) RETURNING id`,
    [seenAt],
  ))!.id;
  const { id } = (await db.get<{ id: number }>(
    `INSERT INTO peers (name, version, accepts_uploads, urls, dialable_urls, is_local_only, nonce, registered_from, findings,
       peer_id, lease_hash, list, revision, registered_at, last_seen_at)
     VALUES ('', '', false, '[]', '[]', false, '', '', '[]', $1, $2, $3, 0, $4, $4) RETURNING id`,
    [peerId, leaseHash, list, seenAt],
  ))!;
  await db.run("UPDATE lists SET peer = $1 WHERE id = $2", [id, list]);
  return id;
}

/** Gives the ids of those that were there. */
async function removePeers(
  db: Queries,
  condition: string,
  params: readonly PostgresParam[],
): Promise<string[]> {
  const gone = await db.all<{ id: number; peer_id: string }>(
    `DELETE FROM peers WHERE ${condition} RETURNING id, peer_id`,
    params,
  );
  if (gone.length === 0) return [];
  const ids = [gone.map(({ id }) => id)];
  await db.run("UPDATE lists SET state = 'garbage', upload = NULL WHERE peer = ANY($1::bigint[])", ids);
  for (const table of ["addresses", "bare_names", "reports"])
    await db.run(`DELETE FROM ${table} WHERE peer = ANY($1::bigint[])`, ids);
  return gone.map(({ peer_id: peerId }) => peerId);
}
