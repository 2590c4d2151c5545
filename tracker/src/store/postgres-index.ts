import { type FileId, type MediaKind, baseName, fileIdLength } from "@panal/sdk";
import { baseKey } from "../search/base-key.ts";
import { formatCursor, parseCursor } from "../search/cursor.ts";
import { isNamed } from "../search/same-name.ts";
import { searchFiles } from "../search/search-files.ts";
import type { Hit } from "../search/search-source.ts";
import type { Queries } from "./postgres-connection.ts";
import { placeOf } from "./postgres-names.ts";
import { IS_VISIBLE, viewParams } from "./postgres-peers.ts";
import { type PeerRow as AnyPeerRow, PEER_COLUMNS, peerFromRow } from "./peer-row.ts";
import { createSearchSource } from "./postgres-search.ts";
import {
  type FileIndex,
  type FoundFile,
  type View,
  MAX_HOLDERS,
  MAX_NAMES_PER_FILE,
  MAX_NAMES_PER_ROW,
  MAX_NAME_HOLDERS,
  MAX_PATHS_PER_ROW,
} from "./store.ts";

type PeerRow = AnyPeerRow<boolean>;

const FILE_ID = "encode(f.root, 'hex') || '-' || f.size";

export function createFileIndex(db: Queries): FileIndex {
  const source = createSearchSource(db);

  /** Of each file the paths that most peers have it under. */
  async function pathsOf(view: View, files: readonly number[], limit: number) {
    const rows = await db.all<{ file: number; path: string; kind: MediaKind; peers: number }>(
      `SELECT w.file, t.path, t.kind, t.peers FROM unnest($3::bigint[]) AS w (file) CROSS JOIN LATERAL (
         SELECT n.path, n.kind, count(DISTINCT p.id) AS peers FROM names n JOIN entries e ON e.name = n.id
           JOIN peers p ON p.list = e.list WHERE n.file = w.file AND ${IS_VISIBLE}
         GROUP BY n.id ORDER BY peers DESC, n.path LIMIT $4) AS t ORDER BY t.peers DESC, t.path`,
      [...viewParams(view), files, limit],
    );
    return Map.groupBy(rows, ({ file }) => file);
  }

  /** Four questions, however many rows. */
  async function describe(view: View, hits: readonly Hit[]): Promise<FoundFile[]> {
    if (hits.length === 0) return [];
    const files = hits.map(({ file }) => file);
    const [peerCounts, rows, names, shown] = await Promise.all([
      source.countPeers(view, files),
      db.all<{ id: number; file_id: FileId; size: number; mtime: number }>(
        `SELECT f.id, ${FILE_ID} AS file_id, f.size, f.mtime FROM files f WHERE f.id = ANY($1::bigint[])`,
        [files],
      ),
      pathsOf(view, files, MAX_PATHS_PER_ROW),
      db.all<{ id: number; path: string; kind: MediaKind }>(
        "SELECT id, path, kind FROM names WHERE id = ANY($1::bigint[])",
        [hits.flatMap(({ name }) => (name === undefined ? [] : [name]))],
      ),
    ]);
    const rowOf = new Map(rows.map((row) => [row.id, row]));
    const shownOf = new Map(shown.map((row) => [row.id, row]));
    return hits.flatMap(({ file, name }) => {
      const row = rowOf.get(file);
      const paths = names.get(file) ?? [];
      const best = name === undefined ? paths[0] : shownOf.get(name);
      const peerCount = peerCounts.get(file);
      if (row === undefined || best === undefined || peerCount === undefined) return [];
      const bases = new Set([baseName(best.path), ...paths.map(({ path }) => baseName(path))]);
      return {
        fileId: row.file_id,
        size: row.size,
        path: best.path,
        names: [...bases].slice(0, MAX_NAMES_PER_ROW),
        kind: best.kind,
        mtime: row.mtime,
        peerCount,
      };
    });
  }

  return {
    async search(view, query) {
      const { hits, ...rest } = await searchFiles(source, view, query);
      return { rows: await describe(view, hits), ...rest };
    },
    async file(view, fileId) {
      const file = await fileNumber(db, fileId);
      if (file === undefined) return undefined;
      const rows = await db.all<PeerRow & { path: string; mtime: number }>(
        `SELECT ${PEER_COLUMNS}, min(n.path) AS path, max(e.mtime) AS mtime FROM names n
           JOIN entries e ON e.name = n.id JOIN peers p ON p.list = e.list JOIN lists l ON l.id = p.list
         WHERE n.file = $3 AND ${IS_VISIBLE} GROUP BY p.id, l.id ORDER BY p.last_seen_at DESC, p.id LIMIT $4`,
        [...viewParams(view), file, MAX_HOLDERS],
      );
      if (rows.length === 0) return undefined;
      const names = (await pathsOf(view, [file], MAX_NAMES_PER_FILE)).get(file) ?? [];
      return {
        names: names.map(({ path, peers }) => ({ path, peerCount: peers })),
        holders: rows.map((row) => ({ peer: peerFromRow(row), path: row.path, mtime: row.mtime })),
      };
    },
    async peerFiles(view, peerId, { prefix, cursor, limit }) {
      const after = cursor === undefined ? "" : parseCursor(cursor, "paths", [""])[0];
      const rows = await db.all<{ path: string; fileId: FileId; size: number; mtime: number }>(
        `SELECT n.path, ${FILE_ID} AS "fileId", f.size, e.mtime FROM peers p JOIN entries e ON e.list = p.list
           JOIN names n ON n.id = e.name JOIN files f ON f.id = n.file
         WHERE p.peer_id = $3 AND ${IS_VISIBLE} AND n.path > $4 AND n.path >= $5 AND n.path < $5 || chr(1114111)
           AND e.place >= $6 AND e.place >= $7 AND e.place < $7 || chr(1114111)
         ORDER BY e.place, n.path LIMIT $8`,
        [...viewParams(view), peerId, after, prefix, placeOf(after), placeOf(prefix), limit + 1],
      );
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        rows: page,
        ...(rows.length > limit && last ? { nextCursor: formatCursor("paths", [last.path]) } : {}),
      };
    },
    async holdersOf(view, fileName) {
      const params = [...viewParams(view), baseKey(fileName), MAX_NAME_HOLDERS];
      const files = await db.all<PeerRow & { path: string; file_id: FileId }>(
        `SELECT ${PEER_COLUMNS}, n.path, ${FILE_ID} AS file_id FROM names n JOIN entries e ON e.name = n.id
           JOIN peers p ON p.list = e.list JOIN lists l ON l.id = p.list JOIN files f ON f.id = n.file
         WHERE n.base = $3 AND ${IS_VISIBLE} ORDER BY p.id, n.path LIMIT $4`,
        params,
      );
      const bare = await db.all<PeerRow & { bare: string; size: number | null }>(
        `SELECT ${PEER_COLUMNS}, b.name AS bare, b.size FROM bare_names b JOIN peers p ON p.id = b.peer
           JOIN lists l ON l.id = p.list WHERE b.base = $3 AND ${IS_VISIBLE} ORDER BY p.id, b.name LIMIT $4`,
        params,
      );
      return [
        ...files
          .filter(({ path }) => isNamed(path, fileName))
          .map((row) => ({
            peer: peerFromRow(row),
            fileId: row.file_id,
            size: fileIdLength(row.file_id),
          })),
        ...bare
          .filter((row) => isNamed(row.bare, fileName))
          .map((row) => ({ peer: peerFromRow(row), fileId: undefined, size: row.size ?? undefined })),
      ].slice(0, MAX_NAME_HOLDERS);
    },
    async stats(view) {
      const params = viewParams(view);
      const peers = (await db.get<{ peers: number; entries: number }>(
        `SELECT count(*) AS peers, coalesce(sum(l.file_count), 0)::bigint AS entries FROM peers p
           JOIN lists l ON l.id = p.list WHERE ${IS_VISIBLE}`,
        params,
      ))!;
      const files = (await db.get<{ files: number; totalSize: number }>(
        `SELECT count(*) AS files, coalesce(sum(f.size), 0)::double precision AS "totalSize" FROM files f WHERE EXISTS (
           SELECT 1 FROM names n JOIN entries e ON e.name = n.id JOIN peers p ON p.list = e.list
           WHERE n.file = f.id AND ${IS_VISIBLE})`,
        params,
      ))!;
      return { ...peers, ...files };
    },
  };
}

async function fileNumber(db: Queries, fileId: FileId): Promise<number | undefined> {
  const row = await db.get<{ id: number }>(
    "SELECT id FROM files WHERE root = decode($1, 'hex') AND size = $2",
    [fileId.slice(0, 64), fileIdLength(fileId)],
  );
  return row?.id;
}
