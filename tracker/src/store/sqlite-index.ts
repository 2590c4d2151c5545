import { type FileId, type MediaKind, baseName } from "@panal/sdk";
import { formatCursor, parseCursor } from "../search/cursor.ts";
import { searchFiles } from "../search/search-files.ts";
import type { Hit } from "../search/search-source.ts";
import { baseKey } from "./sqlite-lists.ts";
import { IS_VISIBLE, PEER_COLUMNS, type PeerRow, peerFromRow, viewParams } from "./sqlite-peers.ts";
import type { Database } from "./sqlite-schema.ts";
import { createSearchSource, fileNumber } from "./sqlite-search.ts";
import type { FileIndex, FoundFile, View } from "./store.ts";

const MAX_NAMES_PER_ROW = 10;
/** Of these the different base names of a row are taken. */
const MAX_PATHS_PER_ROW = 50;
const MAX_NAMES_PER_FILE = 100;
const MAX_HOLDERS = 500;
const MAX_NAME_HOLDERS = 200;

export function createFileIndex(db: Database): FileIndex {
  const source = createSearchSource(db);

  function namesOf(view: View, file: number, limit: number) {
    return db.all<{ id: number; path: string; kind: MediaKind; peers: number }>(
      `SELECT n.id, n.path, n.kind, count(DISTINCT p.id) AS peers FROM names n JOIN entries e ON e.name = n.id
         JOIN peers p ON p.list = e.list WHERE n.file = ? AND ${IS_VISIBLE}
       GROUP BY n.id ORDER BY peers DESC, n.path LIMIT ?`,
      [file, ...viewParams(view), limit],
    );
  }

  async function describe(view: View, hits: readonly Hit[]): Promise<FoundFile[]> {
    const peerCounts = await source.countPeers(
      view,
      hits.map(({ file }) => file),
    );
    return hits.flatMap(({ file, name }) => {
      const row = db.get<{ file_id: FileId; size: number; mtime: number }>(
        "SELECT file_id, size, mtime FROM files WHERE id = ?",
        [file],
      );
      const names = namesOf(view, file, MAX_PATHS_PER_ROW);
      const shown =
        name === undefined
          ? names[0]
          : db.get<{ path: string; kind: MediaKind }>("SELECT path, kind FROM names WHERE id = ?", [name]);
      const peerCount = peerCounts.get(file);
      if (row === undefined || shown === undefined || peerCount === undefined) return [];
      const bases = new Set([baseName(shown.path), ...names.map(({ path }) => baseName(path))]);
      return {
        fileId: row.file_id,
        size: row.size,
        path: shown.path,
        names: [...bases].slice(0, MAX_NAMES_PER_ROW),
        kind: shown.kind,
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
      const file = fileNumber(db, fileId);
      if (file === undefined) return undefined;
      const holders = db
        .all<PeerRow & { path: string; mtime: number }>(
          `SELECT ${PEER_COLUMNS}, min(e.path) AS path, max(e.mtime) AS mtime FROM names n
             JOIN entries e ON e.name = n.id JOIN peers p ON p.list = e.list JOIN lists l ON l.id = p.list
           WHERE n.file = ? AND ${IS_VISIBLE} GROUP BY p.id ORDER BY p.last_seen_at DESC, p.id LIMIT ?`,
          [file, ...viewParams(view), MAX_HOLDERS],
        )
        .map((row) => ({ peer: peerFromRow(row), path: row.path, mtime: row.mtime }));
      if (holders.length === 0) return undefined;
      const names = namesOf(view, file, MAX_NAMES_PER_FILE);
      return { names: names.map(({ path, peers }) => ({ path, peerCount: peers })), holders };
    },
    async peerFiles(view, peerId, { prefix, cursor, limit }) {
      const after = cursor === undefined ? "" : parseCursor(cursor, "paths", [""])[0];
      const rows = db.all<{ path: string; fileId: FileId; size: number; mtime: number }>(
        `SELECT e.path, f.file_id AS fileId, f.size, e.mtime FROM peers p JOIN entries e ON e.list = p.list
           JOIN names n ON n.id = e.name JOIN files f ON f.id = n.file
         WHERE p.peer_id = ? AND ${IS_VISIBLE} AND e.path > ? AND e.path >= ? AND e.path < ?
         ORDER BY e.path LIMIT ?`,
        [peerId, ...viewParams(view), after, prefix, `${prefix}\u{10ffff}`, limit + 1],
      );
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        rows: page,
        ...(rows.length > limit && last ? { nextCursor: formatCursor("paths", [last.path]) } : {}),
      };
    },
    async holdersOf(view, fileName) {
      const wanted = foldCase(fileName);
      const key = baseKey(fileName);
      const files = db
        .all<PeerRow & { path: string; file_id: FileId; size: number }>(
          `SELECT ${PEER_COLUMNS}, e.path, f.file_id, f.size FROM names n JOIN entries e ON e.name = n.id
             JOIN peers p ON p.list = e.list JOIN lists l ON l.id = p.list JOIN files f ON f.id = n.file
           WHERE n.base = ? AND ${IS_VISIBLE} ORDER BY p.id, e.path LIMIT ?`,
          [key, ...viewParams(view), MAX_NAME_HOLDERS],
        )
        .filter(({ path }) => foldCase(baseName(path)) === wanted)
        .map((row) => ({ peer: peerFromRow(row), fileId: row.file_id, size: row.size }));
      const bare = db
        .all<PeerRow & { bare: string; size: number | null }>(
          `SELECT ${PEER_COLUMNS}, b.name AS bare, b.size FROM bare_names b JOIN peers p ON p.id = b.peer
             JOIN lists l ON l.id = p.list WHERE b.base = ? AND ${IS_VISIBLE} ORDER BY p.id LIMIT ?`,
          [key, ...viewParams(view), MAX_NAME_HOLDERS],
        )
        .filter((row) => foldCase(baseName(row.bare)) === wanted)
        .map((row) => ({ peer: peerFromRow(row), fileId: undefined, size: row.size ?? undefined }));
      return [...files, ...bare].slice(0, MAX_NAME_HOLDERS);
    },
    async stats(view) {
      const peers = db.get<{ peers: number; entries: number }>(
        `SELECT count(*) AS peers, coalesce(sum(l.file_count), 0) AS entries FROM peers p
           JOIN lists l ON l.id = p.list WHERE ${IS_VISIBLE}`,
        viewParams(view),
      )!;
      const files = db.get<{ files: number; totalSize: number }>(
        `SELECT count(*) AS files, total(f.size) AS totalSize FROM files f WHERE EXISTS (
           SELECT 1 FROM names n JOIN entries e ON e.name = n.id JOIN peers p ON p.list = e.list
           WHERE n.file = f.id AND ${IS_VISIBLE})`,
        viewParams(view),
      )!;
      return { ...peers, ...files };
    },
  };
}

/** The same name to somebody who doesn't mind capitals, whichever way accents are composed. */
function foldCase(name: string): string {
  return name.normalize("NFC").toLowerCase();
}
