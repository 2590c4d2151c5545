import { formatCursor, parseCursor } from "../search/cursor.ts";
import type { Page, PeerRecord, ReachFinding } from "./store.ts";

/** A peer as both databases give it; SQLite has numbers for flags. A type, not an interface: only so it has an index signature. */
export type PeerRow<Flag extends number | boolean> = {
  id: number;
  peer_id: string;
  lease_hash: Uint8Array;
  name: string;
  version: string;
  accepts_uploads: Flag;
  urls: string;
  dialable_urls: string;
  is_local_only: Flag;
  revision: number;
  registered_at: number;
  last_seen_at: number;
  nonce: string;
  registered_from: string;
  findings: string;
  checked_at: number;
  reported_at: number;
  file_count: number;
  total_size: number;
};

/** Columns of a PeerRow; needs `peers p JOIN lists l ON l.id = p.list`. */
export const PEER_COLUMNS = `p.id, p.peer_id, p.lease_hash, p.name, p.version, p.accepts_uploads, p.urls, p.dialable_urls,
  p.is_local_only, p.revision, p.registered_at, p.last_seen_at, p.nonce, p.registered_from, p.findings, p.checked_at,
  p.reported_at, l.file_count, l.total_size`;
export const SELECT_PEERS = `SELECT ${PEER_COLUMNS} FROM peers p JOIN lists l ON l.id = p.list`;

export function peerFromRow(row: PeerRow<number | boolean>): PeerRecord {
  return {
    peerId: row.peer_id,
    // PostgreSQL's bytes are part of a larger buffer.
    leaseHash: new Uint8Array(row.lease_hash),
    name: row.name,
    version: row.version,
    acceptsUploads: Boolean(row.accepts_uploads),
    urls: JSON.parse(row.urls) as string[],
    dialableUrls: JSON.parse(row.dialable_urls) as string[],
    isLocalOnly: Boolean(row.is_local_only),
    nonce: row.nonce,
    registeredFrom: row.registered_from,
    revision: row.revision,
    fileCount: row.file_count,
    totalSize: row.total_size,
    registeredAt: row.registered_at,
    lastSeenAt: row.last_seen_at,
    findings: JSON.parse(row.findings) as ReachFinding[],
    checkedAt: row.checked_at,
    reportedAt: row.reported_at,
  };
}

/** Behind which registration time and row a page of peers begins. */
export function placeAmongPeers(cursor: string | undefined): [registeredAt: number, id: number] {
  const [registeredAt, id] = cursor === undefined ? [-1, 0] : parseCursor(cursor, "peers", [0, 0]);
  return [registeredAt, id];
}

/** Of one row more than are to be shown, if there are so many. */
export function pageOfPeers(rows: readonly PeerRow<number | boolean>[], limit: number): Page<PeerRecord> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page.map(peerFromRow),
    ...(rows.length > limit && last
      ? { nextCursor: formatCursor("peers", [last.registered_at, last.id]) }
      : {}),
  };
}
