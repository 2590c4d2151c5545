import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { PanalError } from "@panal/sdk/thread";
import { type GroupCommit, createGroupCommit } from "./group-commit.ts";
import { FORGET_LETTERS, SET_ENTRIES_ASIDE } from "./sqlite-convert.ts";
import { INDEX_TABLES } from "./sqlite-index-tables.ts";

/** Raised with every change of the tables below. */
const SCHEMA_VERSION = 6;
/** How long a write waits for another process that writes. */
const BUSY_TIMEOUT_MS = 5_000;

/** Changed pages that are gathered in the log: each is then written to its place once, however often it changed. */
const CHECKPOINT_PAGES = 16_384;
/** What the log keeps of the disk once it has been written to its places. */
const MAX_IDLE_LOG_BYTES = 64 * 1024 * 1024;

/** Of a peer: what it is to prove itself with, and what came of that. */
const REACH_COLUMNS = [
  "nonce TEXT NOT NULL DEFAULT ''",
  "registered_from TEXT NOT NULL DEFAULT ''",
  "findings TEXT NOT NULL DEFAULT '[]'",
  "checked_at INTEGER NOT NULL DEFAULT 0",
  "reported_at INTEGER NOT NULL DEFAULT 0",
];
const REPORTS = `
  CREATE TABLE reports (
    peer INTEGER NOT NULL, file_id TEXT NOT NULL, reporter TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (peer, file_id, reporter)) WITHOUT ROWID;
  CREATE INDEX reports_by_file ON reports (file_id, at);
  CREATE INDEX reports_by_time ON reports (at);
`;

/**
 * Who is there. A peer points to its list; "staged" lists are being uploaded, "garbage" waits to be cleared, and is
 * invisible already since no peer points to it.
 */
const PEER_TABLES = `
  CREATE TABLE peers (
    id INTEGER PRIMARY KEY, peer_id TEXT NOT NULL UNIQUE, lease_hash BLOB NOT NULL UNIQUE, name TEXT NOT NULL,
    version TEXT NOT NULL, accepts_uploads INTEGER NOT NULL, urls TEXT NOT NULL, dialable_urls TEXT NOT NULL,
    is_local_only INTEGER NOT NULL,
    list INTEGER NOT NULL UNIQUE, revision INTEGER NOT NULL, registered_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL, is_silent INTEGER NOT NULL DEFAULT 0, ${REACH_COLUMNS.join(", ")});
  CREATE INDEX peers_by_registration ON peers (registered_at, id);
  CREATE TABLE addresses (key TEXT NOT NULL, peer INTEGER NOT NULL, PRIMARY KEY (key, peer)) WITHOUT ROWID;
  CREATE INDEX addresses_by_peer ON addresses (peer);
  CREATE TABLE lists (
    id INTEGER PRIMARY KEY, peer INTEGER NOT NULL, state TEXT NOT NULL, upload TEXT, file_count INTEGER NOT NULL,
    total_size REAL NOT NULL, touched_at INTEGER NOT NULL);
  CREATE INDEX lists_by_peer ON lists (peer);
  CREATE INDEX lists_by_state ON lists (state, touched_at);
  CREATE TABLE bare_names (
    peer INTEGER NOT NULL, name TEXT NOT NULL, base TEXT NOT NULL, size INTEGER, PRIMARY KEY (peer, name)) WITHOUT ROWID;
  CREATE INDEX bare_names_by_base ON bare_names (base);
  ${REPORTS}
`;

/** What brings the tables of an older version up to the next, by the version they are of. */
const MIGRATIONS: Readonly<Record<number, string>> = {
  // Peers say where they are when they register; until then the tracker calls none of them.
  1: "ALTER TABLE peers ADD COLUMN dialable_urls TEXT NOT NULL DEFAULT '[]';",
  2: `${REACH_COLUMNS.map((column) => `ALTER TABLE peers ADD COLUMN ${column};`).join(" ")} ${REPORTS}`,
  // Whether it was told that the peer went.
  3: "ALTER TABLE peers ADD COLUMN is_silent INTEGER NOT NULL DEFAULT 0;",
  4: `${SET_ENTRIES_ASIDE} ${INDEX_TABLES}`,
  5: FORGET_LETTERS,
};

/** A row as SQLite gives it; each query says in its type what it selects. */
export type Row = Record<string, string | number | Uint8Array | null>;
export type Param = string | number | Uint8Array | null;

/** A connection with its prepared statements. */
export interface Database {
  all<T extends Row>(sql: string, params?: readonly Param[]): T[];
  get<T extends Row>(sql: string, params?: readonly Param[]): T | undefined;
  /** As arrays, in half the time: for thousands. */
  tuples<T extends readonly Param[]>(sql: string, params?: readonly Param[]): T[];
  /** Gives the number of rows changed and the id of the last one inserted. */
  run(sql: string, params?: readonly Param[]): { changes: number; id: number };
  /** All of what `change` does, or nothing. */
  transaction<T>(change: () => T): T;
  /** Another one whenever something has changed, by this connection or another. */
  version(): string;
  /** How many changes were taken back so far: what is remembered of them isn't so. */
  readonly rollbacks: number;
  /** For long writes. */
  readonly group: GroupCommit;
  close(): void;
}

function openFile(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: false });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PanalError("no-permission", `${path}: ${why}; choose another folder with --data`, {
      cause: error,
    });
  }
}

/**
 * Opens (and makes) the database in a file, or in memory with ":memory:". Throws "conflict" for a newer version's, and for a reader, which
 * changes nothing, also for an older one's.
 */
export function openDatabase(
  path: string,
  { cacheKib, isReader = false }: { cacheKib: number; isReader?: boolean },
): Database {
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const db = openFile(path);
  try {
    db.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;
       PRAGMA cache_size = -${cacheKib}; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
       PRAGMA journal_size_limit = ${MAX_IDLE_LOG_BYTES}`,
    );
    const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
    if (version > SCHEMA_VERSION) {
      throw new PanalError(
        "conflict",
        `${path} is of a newer Panal (version ${version}); use that, or another --data`,
      );
    }
    if (isReader && version !== SCHEMA_VERSION) {
      throw new PanalError(
        "conflict",
        `${path} is of an older Panal (version ${version}): start the tracker of this one first`,
      );
    }
    if (version === 0)
      db.exec(`BEGIN; ${PEER_TABLES} ${INDEX_TABLES} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
    for (let from = version; from > 0 && from < SCHEMA_VERSION; from++) {
      db.exec(`BEGIN; ${MIGRATIONS[from]} PRAGMA user_version = ${from + 1}; COMMIT`);
    }
    // The words themselves, read out of the index: nothing is stored for it.
    db.exec("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, name_words, row)");
  } catch (error) {
    db.close();
    if (error instanceof PanalError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new PanalError("corrupt", `${path}: ${why}; put a backup in its place, or choose another --data`, {
      cause: error,
    });
  }

  const statements = new Map<string, StatementSync>();
  const ofTuples = new Map<string, StatementSync>();
  function statement(sql: string, isOfTuples = false): StatementSync {
    const known = isOfTuples ? ofTuples : statements;
    let prepared = known.get(sql);
    if (prepared === undefined) {
      prepared = db.prepare(sql);
      prepared.setReturnArrays(isOfTuples);
      known.set(sql, prepared);
    }
    return prepared;
  }

  const group = createGroupCommit({
    begin: () => db.exec("BEGIN IMMEDIATE"),
    commit: () => db.exec("COMMIT"),
    rollback: takeBack,
  });

  let rollbacks = 0;
  function takeBack(): void {
    rollbacks++;
    if (db.isTransaction) db.exec("ROLLBACK");
  }

  const database: Database = {
    group,
    version() {
      const own = statement("SELECT total_changes() AS changes").get();
      const others = statement("PRAGMA data_version").get();
      return `${Number(own?.["changes"])} ${Number(others?.["data_version"])}`;
    },
    get rollbacks() {
      return rollbacks;
    },
    all: <T extends Row>(sql: string, params: readonly Param[] = []) => statement(sql).all(...params) as T[],
    get: <T extends Row>(sql: string, params: readonly Param[] = []) =>
      statement(sql).get(...params) as T | undefined,
    tuples: <T extends readonly Param[]>(sql: string, params: readonly Param[] = []) =>
      statement(sql, true).all(...params) as unknown as T[],
    run(sql, params = []) {
      const { changes, lastInsertRowid } = statement(sql).run(...params);
      return { changes: Number(changes), id: Number(lastInsertRowid) };
    },
    transaction(change) {
      group.settle();
      db.exec("BEGIN IMMEDIATE");
      try {
        const result = change();
        db.exec("COMMIT");
        return result;
      } catch (error) {
        takeBack();
        throw error;
      }
    },
    close() {
      group.settle();
      db.close();
    },
  };
  return database;
}
