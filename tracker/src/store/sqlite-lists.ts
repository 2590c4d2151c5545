import { setImmediate } from "node:timers/promises";
import {
  type AnnouncedFile,
  type FileId,
  PanalError,
  baseName,
  extensionOf,
  fileIdLength,
  mediaTypeOf,
} from "@panal/sdk";
import { invalidField } from "../invalid-fields.ts";
import { fold } from "../search/fold.ts";
import type { Database } from "./sqlite-schema.ts";
import type { ListState, ListStore } from "./store.ts";

/** Rows of one transaction of a long job, between which requests get their turn. */
const BATCH_ROWS = 1_000;
/** UTF-16 units of `base`: long enough to sort by, short enough for a cursor. */
const MAX_BASE_LENGTH = 120;

/** The sort key of a path: its folded base name, cut. */
export function baseKey(path: string): string {
  const base = fold(baseName(path)).slice(0, MAX_BASE_LENGTH);
  return base.isWellFormed() ? base : base.slice(0, -1);
}

/** Milliseconds since 1970; throws "invalid" for a time the calendar doesn't have. */
function timeOf(file: AnnouncedFile): number {
  const time = Date.parse(file.mtime);
  if (Number.isNaN(time)) throw invalidField("mtime", `no such time: ${file.mtime}`);
  return time;
}

type ListRow = { id: number; file_count: number; total_size: number };
type PeerListRow = { id: number; list: number; revision: number };

export function createListStore(db: Database): ListStore {
  function requirePeer(peerId: string): PeerListRow {
    const row = db.get<PeerListRow>("SELECT id, list, revision FROM peers WHERE peer_id = ?", [peerId]);
    if (row === undefined) throw new PanalError("not-found", `peer ${peerId}: not registered`);
    return row;
  }

  function stagedList(peer: number, uploadId: string): ListRow | undefined {
    return db.get<ListRow>(
      "SELECT id, file_count, total_size FROM lists WHERE peer = ? AND state = 'staged' AND upload = ?",
      [peer, uploadId],
    );
  }

  /** Not by RETURNING, which makes an insert ten times slower. */
  function fileOf(fileId: FileId, mtime: number): number {
    const known = db.get<{ id: number; mtime: number }>("SELECT id, mtime FROM files WHERE file_id = ?", [
      fileId,
    ]);
    if (known === undefined) {
      return db.run("INSERT INTO files (file_id, size, mtime) VALUES (?, ?, ?)", [
        fileId,
        fileIdLength(fileId),
        mtime,
      ]).id;
    }
    if (known.mtime < mtime) db.run("UPDATE files SET mtime = ? WHERE id = ?", [mtime, known.id]);
    return known.id;
  }

  function nameOf(file: AnnouncedFile, mtime: number): number {
    const fileNumber = fileOf(file.fileId, mtime);
    const known = db.get<{ id: number }>("SELECT id FROM names WHERE file = ? AND path = ?", [
      fileNumber,
      file.path,
    ]);
    if (known !== undefined) return known.id;
    const folded = fold(file.path);
    const { id } = db.run(
      "INSERT INTO names (file, path, folded, base, ext, kind) VALUES (?, ?, ?, ?, ?, ?)",
      [
        fileNumber,
        file.path,
        folded,
        baseKey(file.path),
        extensionOf(file.path),
        mediaTypeOf(file.path).kind,
      ],
    );
    db.run("INSERT INTO substrings (rowid, folded) VALUES (?, ?)", [id, folded]);
    db.run("INSERT INTO word_starts (rowid, folded) VALUES (?, ?)", [id, folded]);
    return id;
  }

  /** Takes a path out of a list; gives its length in bytes, undefined when it wasn't there. */
  function removeEntry(list: number, path: string): number | undefined {
    const row = db.get<{ name: number; file: number; size: number }>(
      `SELECT e.name, n.file, f.size FROM entries e JOIN names n ON n.id = e.name JOIN files f ON f.id = n.file
       WHERE e.list = ? AND e.path = ?`,
      [list, path],
    );
    if (row === undefined) return undefined;
    db.run("DELETE FROM entries WHERE list = ? AND path = ?", [list, path]);
    dropUnused(row.name, row.file);
    return row.size;
  }

  /** Forgets a name nobody uses any more, and its file with the last name. */
  function dropUnused(name: number, file: number): void {
    if (db.get("SELECT 1 FROM entries WHERE name = ? LIMIT 1", [name]) !== undefined) return;
    const row = db.get<{ folded: string }>("SELECT folded FROM names WHERE id = ?", [name]);
    db.run("DELETE FROM names WHERE id = ?", [name]);
    // Indexes without text of their own must be told what they indexed.
    db.run("INSERT INTO substrings (substrings, rowid, folded) VALUES ('delete', ?, ?)", [name, row!.folded]);
    db.run("INSERT INTO word_starts (word_starts, rowid, folded) VALUES ('delete', ?, ?)", [
      name,
      row!.folded,
    ]);
    db.run("DELETE FROM files WHERE id = ? AND NOT EXISTS (SELECT 1 FROM names WHERE file = ?)", [
      file,
      file,
    ]);
  }

  function addEntries(list: number, files: readonly AnnouncedFile[]): void {
    let addedCount = 0;
    let addedSize = 0;
    for (const file of files) {
      const mtime = timeOf(file);
      const name = nameOf(file, mtime);
      const add = () =>
        db.run("INSERT OR IGNORE INTO entries (list, path, name, mtime) VALUES (?, ?, ?, ?)", [
          list,
          file.path,
          name,
          mtime,
        ]);
      if (add().changes === 0) {
        if (isSameName(list, file.path, name)) {
          db.run("UPDATE entries SET mtime = ? WHERE list = ? AND path = ?", [mtime, list, file.path]);
          continue;
        }
        addedSize -= removeEntry(list, file.path) ?? 0;
        addedCount -= 1;
        add();
      }
      addedCount += 1;
      addedSize += fileIdLength(file.fileId);
    }
    db.run("UPDATE lists SET file_count = file_count + ?, total_size = total_size + ? WHERE id = ?", [
      addedCount,
      addedSize,
      list,
    ]);
  }

  function isSameName(list: number, path: string, name: number): boolean {
    return (
      db.get("SELECT 1 FROM entries WHERE list = ? AND path = ? AND name = ?", [list, path, name]) !==
      undefined
    );
  }

  function removeEntries(list: number, paths: readonly string[]): void {
    let count = 0;
    let size = 0;
    for (const path of paths) {
      const removed = removeEntry(list, path);
      if (removed === undefined) continue;
      count += 1;
      size += removed;
    }
    db.run("UPDATE lists SET file_count = file_count - ?, total_size = total_size - ? WHERE id = ?", [
      count,
      size,
      list,
    ]);
  }

  function stateOf(peerId: string): ListState {
    return db.get<{ revision: number; fileCount: number }>(
      "SELECT p.revision, l.file_count AS fileCount FROM peers p JOIN lists l ON l.id = p.list WHERE p.peer_id = ?",
      [peerId],
    )!;
  }

  return {
    async stage({ peerId, files, uploadId, now }) {
      const peer = requirePeer(peerId);
      const list = db.transaction(() => {
        const known = stagedList(peer.id, uploadId);
        if (known !== undefined) {
          db.run("UPDATE lists SET touched_at = ? WHERE id = ?", [now, known.id]);
          return known.id;
        }
        db.run("UPDATE lists SET state = 'garbage', upload = NULL WHERE peer = ? AND state = 'staged'", [
          peer.id,
        ]);
        return db.run(
          "INSERT INTO lists (peer, state, upload, file_count, total_size, touched_at) VALUES (?, 'staged', ?, 0, 0, ?)",
          [peer.id, uploadId, now],
        ).id;
      });
      for (let start = 0; start < files.length; start += BATCH_ROWS) {
        if (start > 0) await setImmediate();
        db.transaction(() => {
          // The peer may have logged out, or started over, between two batches.
          if (stagedList(peer.id, uploadId)?.id !== list)
            throw new PanalError("conflict", `upload ${uploadId}: was given up`);
          addEntries(list, files.slice(start, start + BATCH_ROWS));
        });
      }
      return stagedList(peer.id, uploadId)?.file_count ?? 0;
    },
    async commit({ peerId, uploadId, revision }) {
      return db.transaction(() => {
        const peer = requirePeer(peerId);
        const staged = stagedList(peer.id, uploadId);
        if (staged === undefined) throw new PanalError("conflict", `upload ${uploadId}: was given up`);
        db.run("UPDATE lists SET state = 'garbage' WHERE id = ?", [peer.list]);
        db.run("UPDATE lists SET state = 'current', upload = NULL WHERE id = ?", [staged.id]);
        db.run("UPDATE peers SET list = ?, revision = ? WHERE id = ?", [staged.id, revision, peer.id]);
        return stateOf(peerId);
      });
    },
    async patch({ peerId, baseRevision, revision, added, removed }) {
      return db.transaction(() => {
        const peer = requirePeer(peerId);
        if (peer.revision !== baseRevision) {
          throw new PanalError(
            "conflict",
            `baseRevision: the list has revision ${peer.revision}, not ${baseRevision}; send the whole list`,
          );
        }
        removeEntries(peer.list, removed);
        addEntries(peer.list, added);
        db.run("UPDATE peers SET revision = ? WHERE id = ?", [revision, peer.id]);
        return stateOf(peerId);
      });
    },
    async setBareNames(peerId, names) {
      db.transaction(() => {
        const peer = requirePeer(peerId);
        db.run("DELETE FROM bare_names WHERE peer = ?", [peer.id]);
        for (const { name, size } of names) {
          db.run("INSERT OR REPLACE INTO bare_names (peer, name, base, size) VALUES (?, ?, ?, ?)", [
            peer.id,
            name,
            baseKey(name),
            size ?? null,
          ]);
        }
      });
    },
    async collectGarbage({ abandonedBefore }) {
      return db.transaction(() => {
        db.run(
          "UPDATE lists SET state = 'garbage', upload = NULL WHERE state = 'staged' AND touched_at < ?",
          [abandonedBefore],
        );
        const list = db.get<{ id: number }>("SELECT id FROM lists WHERE state = 'garbage' LIMIT 1")?.id;
        if (list === undefined) return false;
        const entries = db.all<{ path: string; name: number; file: number }>(
          "SELECT e.path, e.name, n.file FROM entries e JOIN names n ON n.id = e.name WHERE e.list = ? LIMIT ?",
          [list, BATCH_ROWS],
        );
        for (const { path, name, file } of entries) {
          db.run("DELETE FROM entries WHERE list = ? AND path = ?", [list, path]);
          dropUnused(name, file);
        }
        if (entries.length < BATCH_ROWS) db.run("DELETE FROM lists WHERE id = ?", [list]);
        return true;
      });
    },
  };
}
