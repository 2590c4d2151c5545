import { DatabaseSync } from "node:sqlite";
import { type AnnouncedFile, baseName, extensionOf, fileIdLength, mediaTypeOf } from "@panal/sdk";
import { fold } from "../../search/fold.ts";

/** The tables of version 4, as they were made. */
const TABLES = `
  CREATE TABLE peers (
    id INTEGER PRIMARY KEY, peer_id TEXT NOT NULL UNIQUE, lease_hash BLOB NOT NULL UNIQUE, name TEXT NOT NULL,
    version TEXT NOT NULL, accepts_uploads INTEGER NOT NULL, urls TEXT NOT NULL, dialable_urls TEXT NOT NULL,
    is_local_only INTEGER NOT NULL,
    list INTEGER NOT NULL UNIQUE, revision INTEGER NOT NULL, registered_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL, is_silent INTEGER NOT NULL DEFAULT 0, nonce TEXT NOT NULL DEFAULT '',
    registered_from TEXT NOT NULL DEFAULT '', findings TEXT NOT NULL DEFAULT '[]',
    checked_at INTEGER NOT NULL DEFAULT 0, reported_at INTEGER NOT NULL DEFAULT 0);
  CREATE INDEX peers_by_registration ON peers (registered_at, id);
  CREATE TABLE addresses (key TEXT NOT NULL, peer INTEGER NOT NULL, PRIMARY KEY (key, peer)) WITHOUT ROWID;
  CREATE INDEX addresses_by_peer ON addresses (peer);
  CREATE TABLE lists (
    id INTEGER PRIMARY KEY, peer INTEGER NOT NULL, state TEXT NOT NULL, upload TEXT, file_count INTEGER NOT NULL,
    total_size REAL NOT NULL, touched_at INTEGER NOT NULL);
  CREATE INDEX lists_by_peer ON lists (peer);
  CREATE INDEX lists_by_state ON lists (state, touched_at);
  CREATE TABLE files (id INTEGER PRIMARY KEY, file_id TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, mtime INTEGER NOT NULL);
  CREATE INDEX files_by_size ON files (size, id);
  CREATE INDEX files_by_mtime ON files (mtime, id);
  CREATE TABLE names (
    id INTEGER PRIMARY KEY, file INTEGER NOT NULL, path TEXT NOT NULL, folded TEXT NOT NULL, base TEXT NOT NULL,
    ext TEXT NOT NULL, kind TEXT NOT NULL, UNIQUE (file, path));
  CREATE INDEX names_by_base ON names (base, id);
  CREATE TABLE entries (
    list INTEGER NOT NULL, path TEXT NOT NULL, name INTEGER NOT NULL, mtime INTEGER NOT NULL,
    PRIMARY KEY (list, path)) WITHOUT ROWID;
  CREATE INDEX entries_by_name ON entries (name, list);
  CREATE TABLE bare_names (
    peer INTEGER NOT NULL, name TEXT NOT NULL, base TEXT NOT NULL, size INTEGER, PRIMARY KEY (peer, name)) WITHOUT ROWID;
  CREATE INDEX bare_names_by_base ON bare_names (base);
  CREATE TABLE reports (
    peer INTEGER NOT NULL, file_id TEXT NOT NULL, reporter TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (peer, file_id, reporter)) WITHOUT ROWID;
  CREATE INDEX reports_by_file ON reports (file_id, at);
  CREATE INDEX reports_by_time ON reports (at);
  CREATE VIRTUAL TABLE substrings USING fts5(folded, content='names', content_rowid='id', columnsize=0,
    tokenize="trigram case_sensitive 1");
  CREATE VIRTUAL TABLE word_starts USING fts5(folded, content='names', content_rowid='id', columnsize=0, detail=none,
    prefix='1 2', tokenize="unicode61 remove_diacritics 0 categories 'L* N* Co So Sk'");
  PRAGMA user_version = 4;
`;

/** What is taken away for the version before. */
const LATER: Readonly<Record<number, string>> = {
  4: "ALTER TABLE peers DROP COLUMN is_silent",
  3: `${["nonce", "registered_from", "findings", "checked_at", "reported_at"]
    .map((column) => `ALTER TABLE peers DROP COLUMN ${column};`)
    .join(" ")} DROP TABLE reports`,
  2: "ALTER TABLE peers DROP COLUMN dialable_urls",
};

/** A database as a tracker of before left it, with peers and what they announced. */
export function createOldDatabase(
  path: string,
  version: number,
  lists: Readonly<Record<string, readonly AnnouncedFile[]>>,
): void {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = WAL; ${TABLES} BEGIN`);
  for (const [index, [peerId, files]] of Object.entries(lists).entries()) {
    const list = index + 1;
    const size = files.reduce((sum, { fileId }) => sum + fileIdLength(fileId), 0);
    db.prepare("INSERT INTO lists VALUES (?, ?, 'current', NULL, ?, ?, 0)").run(
      list,
      list,
      files.length,
      size,
    );
    db.prepare(
      `INSERT INTO peers (id, peer_id, lease_hash, name, version, accepts_uploads, urls, dialable_urls, is_local_only,
         list, revision, registered_at, last_seen_at) VALUES (?, ?, ?, ?, '1', 0, '[]', '[]', 0, ?, 3, 1000, 1000)`,
    ).run(list, peerId, new TextEncoder().encode(peerId.padEnd(32, "#")), `name of ${peerId}`, list);
    for (const file of files) addEntry(db, list, file);
  }
  db.exec("COMMIT");
  for (let later = 4; later > version; later--)
    db.exec(`${LATER[later]}; PRAGMA user_version = ${later - 1}`);
  db.close();
}

function addEntry(db: DatabaseSync, list: number, { path, fileId, mtime }: AnnouncedFile): void {
  const time = Date.parse(mtime);
  db.prepare("INSERT OR IGNORE INTO files (file_id, size, mtime) VALUES (?, ?, ?)").run(
    fileId,
    fileIdLength(fileId),
    time,
  );
  const file = Number(db.prepare("SELECT id FROM files WHERE file_id = ?").get(fileId)!["id"]);
  const folded = fold(path);
  const { changes } = db
    .prepare("INSERT OR IGNORE INTO names (file, path, folded, base, ext, kind) VALUES (?, ?, ?, ?, ?, ?)")
    .run(file, path, folded, fold(baseName(path)), extensionOf(path), mediaTypeOf(path).kind);
  const name = Number(db.prepare("SELECT id FROM names WHERE file = ? AND path = ?").get(file, path)!["id"]);
  if (Number(changes) > 0) {
    for (const table of ["substrings", "word_starts"])
      db.prepare(`INSERT INTO ${table} (rowid, folded) VALUES (?, ?)`).run(name, folded);
  }
  db.prepare("INSERT INTO entries VALUES (?, ?, ?, ?)").run(list, path, name, time);
}
