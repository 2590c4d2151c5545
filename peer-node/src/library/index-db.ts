import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { type FileId, type Manifest, PanalError, isFileId } from "@panal/sdk";
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

/** Writes of this long are committed together: one at a time, many small files would wait for the disk. */
const COMMIT_MS = 200;

/** What was hashed. */
export interface IndexedFile {
  readonly path: string;
  readonly stamp: FileStamp;
  readonly fileId: FileId;
}

/** As it is in the index. */
export interface IndexRow extends IndexedFile {
  /** It was missing when it was last looked for. */
  readonly isGone: boolean;
}

/** What was hashed in earlier runs and in this one, on disk. */
export interface IndexDb {
  /** The files at these paths, by path, as far as they are there: asked for together they cost a quarter. */
  findAll(paths: readonly string[]): ReadonlyMap<string, IndexRow>;
  /** The same file under another path: it was moved, or its disk has another number now. */
  findMoved(stamp: FileStamp): IndexRow | undefined;
  /** Of a file of several pieces; undefined when it isn't there. Comes from disk: to be checked. */
  pieceLayer(fileId: FileId): Uint8Array | undefined;
  /** Adds or replaces the file at a path. With a manifest when the content is new. */
  put(file: IndexedFile, manifest?: Manifest): void;
  /** The file isn't there (any more). It is kept for a while, since unplugged disks return. */
  markGone(path: string, nowMs: number): void;
  /** What is kept of a content turned out to be wrong. */
  forget(fileId: FileId): void;
  close(): void;
}

export interface IndexDbOptions {
  path: string;
  /** Milliseconds since 1970. */
  nowMs: number;
  /** What was written in the last moment is lost, most likely because the disk is full. */
  onLost?: (error: PanalError) => void;
}

/**
 * Opens or creates the index. One that can't be read is begun anew: it holds nothing that can't be hashed again. Its
 * writes throw "no-space" when there is no place for them.
 */
export function openIndexDb({ path, nowMs, onLost }: IndexDbOptions): IndexDb {
  let db: DatabaseSync;
  try {
    db = openDatabase(path);
  } catch {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
    db = openDatabase(path);
  }
  db.prepare("DELETE FROM files WHERE gone_ms < ?").run(nowMs - KEEP_GONE_MS);
  db.exec("DELETE FROM layers WHERE file_id NOT IN (SELECT file_id FROM files)");

  const select = "SELECT path, size, mtime_ns, ino, dev, file_id, gone_ms FROM files";
  const findByPaths = db.prepare(`${select} WHERE path IN (SELECT value FROM json_each(?))`);
  const findByContent = db.prepare(
    `${select} WHERE size = ? AND mtime_ns = ? AND ino = ? AND dev = ? LIMIT 1`,
  );
  for (const statement of [findByPaths, findByContent]) statement.setReturnArrays(true);
  const findLayer = db.prepare("SELECT piece_layer FROM layers WHERE file_id = ?");
  const putFile = db.prepare(
    "INSERT OR REPLACE INTO files (path, size, mtime_ns, ino, dev, file_id, gone_ms) VALUES (?, ?, ?, ?, ?, ?, NULL)",
  );
  const putLayer = db.prepare("INSERT OR REPLACE INTO layers (file_id, piece_layer) VALUES (?, ?)");
  const setGone = db.prepare("UPDATE files SET gone_ms = ? WHERE path = ? AND gone_ms IS NULL");
  const deleteFiles = db.prepare("DELETE FROM files WHERE file_id = ?");
  const deleteLayer = db.prepare("DELETE FROM layers WHERE file_id = ?");

  let commitTimer: NodeJS.Timeout | undefined;
  function commit(): void {
    if (commitTimer === undefined) return;
    clearTimeout(commitTimer);
    commitTimer = undefined;
    try {
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      onLost?.(indexError(error));
    }
  }
  /** Writes together with what else comes in the next moment. */
  function write(change: () => void): void {
    try {
      if (commitTimer === undefined) {
        db.exec("BEGIN");
        commitTimer = setTimeout(commit, COMMIT_MS);
      }
      change();
    } catch (error) {
      throw indexError(error);
    }
  }

  return {
    findAll(paths) {
      const found = new Map<string, IndexRow>();
      for (const values of findByPaths.all(JSON.stringify(paths))) {
        const row = parseRow(values);
        if (row !== undefined) found.set(row.path, row);
      }
      return found;
    },
    findMoved: ({ size, mtimeNs, ino, dev }) =>
      parseRow(findByContent.get(size, String(mtimeNs), String(ino), String(dev))),
    pieceLayer(fileId) {
      const layer = findLayer.get(fileId)?.["piece_layer"];
      return layer instanceof Uint8Array ? layer : undefined;
    },
    put({ path: filePath, stamp, fileId }, manifest) {
      const { size, mtimeNs, ino, dev } = stamp;
      write(() => {
        // A file of one piece needs no layer: its hash is the root.
        if (manifest !== undefined && manifest.pieceLayer.length > 0) {
          putLayer.run(fileId, manifest.pieceLayer);
        }
        putFile.run(filePath, size, String(mtimeNs), String(ino), String(dev), fileId);
      });
    },
    markGone: (filePath, goneMs) => write(() => setGone.run(goneMs, filePath)),
    forget: (fileId) =>
      write(() => {
        deleteFiles.run(fileId);
        deleteLayer.run(fileId);
      }),
    close() {
      commit();
      db.close();
    },
  };
}

function indexError(error: unknown): PanalError {
  const message = error instanceof Error ? error.message : String(error);
  return new PanalError("no-space", `the index can't be written: ${message}`, { cause: error });
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

/** A row as an array, or undefined when there is none or somebody meddled with it. */
function parseRow(row: unknown): IndexRow | undefined {
  if (!Array.isArray(row)) return undefined;
  const [path, size, mtimeNs, ino, dev, fileId, goneMs] = row as unknown[];
  if (
    typeof path !== "string" ||
    typeof size !== "number" ||
    typeof fileId !== "string" ||
    !isFileId(fileId) ||
    !fileId.endsWith(`-${size}`) ||
    !isNumberText(mtimeNs) ||
    !isNumberText(ino) ||
    !isNumberText(dev)
  ) {
    return undefined;
  }
  const stamp = { size, mtimeNs: BigInt(mtimeNs), ino: BigInt(ino), dev: BigInt(dev) };
  return { path, fileId, stamp, isGone: goneMs !== null };
}

function isNumberText(value: unknown): value is string {
  return typeof value === "string" && /^-?\d{1,20}$/.test(value);
}
