import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { type FileId, type Manifest, isFileId } from "@panal/sdk";
import type { FileStamp } from "./file-stamp.ts";

/** One after the other, by PRAGMA user_version; what was released is never changed. */
const MIGRATIONS = [
  `CREATE TABLE files (
     path TEXT PRIMARY KEY,
     size INTEGER NOT NULL,
     -- Numbers of 64 bits without a sign: as text they fit.
     mtime_ns TEXT NOT NULL,
     ino TEXT NOT NULL,
     dev TEXT NOT NULL,
     file_id TEXT NOT NULL,
     -- When the file was found missing, milliseconds since 1970; it may come back, or be elsewhere.
     gone_ms INTEGER
   ) STRICT;
   CREATE INDEX files_by_content ON files (size, mtime_ns, ino);
   CREATE TABLE layers (
     file_id TEXT PRIMARY KEY,
     piece_layer BLOB NOT NULL
   ) STRICT, WITHOUT ROWID;`,
];

/** What is gone for so long isn't coming back: a disk that was unplugged for a month is hashed again. */
const KEEP_GONE_MS = 30 * 24 * 3600 * 1000;

/** What was hashed. */
export interface IndexedFile {
  readonly path: string;
  readonly stamp: FileStamp;
  readonly fileId: FileId;
}

/** What was hashed in earlier runs and in this one, on disk. */
export interface IndexDb {
  find(path: string): IndexedFile | undefined;
  /** The same file under another path: it was moved, or its disk has another number now. */
  findMoved(stamp: FileStamp): IndexedFile | undefined;
  /** Undefined when it isn't there; empty for a file of one piece. Comes from disk: to be checked. */
  pieceLayer(fileId: FileId): Uint8Array | undefined;
  /** Adds or replaces the file at a path. With a manifest when the content is new. */
  put(file: IndexedFile, manifest?: Manifest): void;
  /** The file isn't there (any more). It is kept for a while, since unplugged disks return. */
  markGone(path: string, nowMs: number): void;
  /** What is kept of a content turned out to be wrong. */
  forget(fileId: FileId): void;
  close(): void;
}

/** Opens or creates the index. One that can't be read is begun anew: it holds nothing that can't be hashed again. */
export function openIndexDb(path: string, nowMs: number): IndexDb {
  let db: DatabaseSync;
  try {
    db = openDatabase(path);
  } catch {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
    db = openDatabase(path);
  }
  db.prepare("DELETE FROM files WHERE gone_ms < ?").run(nowMs - KEEP_GONE_MS);
  db.exec("DELETE FROM layers WHERE file_id NOT IN (SELECT file_id FROM files)");

  const select = "SELECT path, size, mtime_ns, ino, dev, file_id FROM files";
  const findByPath = db.prepare(`${select} WHERE path = ?`);
  const findByContent = db.prepare(
    `${select} WHERE size = ? AND mtime_ns = ? AND ino = ? AND dev = ? LIMIT 1`,
  );
  const findLayer = db.prepare("SELECT piece_layer FROM layers WHERE file_id = ?");
  const putFile = db.prepare(
    "INSERT OR REPLACE INTO files (path, size, mtime_ns, ino, dev, file_id, gone_ms) VALUES (?, ?, ?, ?, ?, ?, NULL)",
  );
  const putLayer = db.prepare("INSERT OR REPLACE INTO layers (file_id, piece_layer) VALUES (?, ?)");
  const setGone = db.prepare("UPDATE files SET gone_ms = ? WHERE path = ? AND gone_ms IS NULL");
  const deleteFiles = db.prepare("DELETE FROM files WHERE file_id = ?");
  const deleteLayer = db.prepare("DELETE FROM layers WHERE file_id = ?");

  return {
    find: (filePath) => parseRow(findByPath.get(filePath)),
    findMoved: ({ size, mtimeNs, ino, dev }) =>
      parseRow(findByContent.get(size, String(mtimeNs), String(ino), String(dev))),
    pieceLayer(fileId) {
      const layer = findLayer.get(fileId)?.["piece_layer"];
      return layer instanceof Uint8Array ? layer : undefined;
    },
    put({ path: filePath, stamp, fileId }, manifest) {
      // The layer first: a file without one could not be served after a crash in between.
      if (manifest !== undefined) putLayer.run(fileId, manifest.pieceLayer);
      putFile.run(filePath, stamp.size, String(stamp.mtimeNs), String(stamp.ino), String(stamp.dev), fileId);
    },
    markGone(filePath, goneMs) {
      setGone.run(goneMs, filePath);
    },
    forget(fileId) {
      deleteFiles.run(fileId);
      deleteLayer.run(fileId);
    },
    close: () => db.close(),
  };
}

function openDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    // A power cut may cost the last few rows, which are hashed again; it never breaks the file.
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
    if (version > MIGRATIONS.length) throw new Error(`index of a later version: ${version}`);
    for (const [index, migration] of MIGRATIONS.entries()) {
      if (index < version) continue;
      db.exec(`BEGIN; ${migration} PRAGMA user_version = ${index + 1}; COMMIT;`);
    }
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A row, or undefined when there is none or somebody meddled with it. */
function parseRow(row: Record<string, unknown> | undefined): IndexedFile | undefined {
  if (row === undefined) return undefined;
  const { path, size, mtime_ns: mtimeNs, ino, dev, file_id: fileId } = row;
  if (
    typeof path !== "string" ||
    typeof size !== "number" ||
    typeof fileId !== "string" ||
    !isFileId(fileId) ||
    !fileId.endsWith(`-${size}`)
  ) {
    return undefined;
  }
  const numbers = [mtimeNs, ino, dev];
  if (!numbers.every((value): value is string => typeof value === "string" && /^-?\d{1,20}$/.test(value))) {
    return undefined;
  }
  const [mtime, inode, device] = numbers.map(BigInt);
  return { path, fileId, stamp: { size, mtimeNs: mtime!, ino: inode!, dev: device! } };
}
