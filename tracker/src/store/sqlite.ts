import { rememberPeers } from "./remembered-peers.ts";
import { convertEntries } from "./sqlite-convert.ts";
import { type StoreParts, createParts } from "./sqlite-parts.ts";
import { type Database, openDatabase } from "./sqlite-schema.ts";
import { measureDatabase } from "./sqlite-stats.ts";
import type { Store } from "./store.ts";
import { type StoreThread, type ThreadStore, startStoreThread } from "./thread-calls.ts";

/** Of the database, in memory: what is written is spread over all of it; for what is read, the system's memory is as good. */
const WRITER_CACHE_KIB = 64 * 1024;
const READER_CACHE_KIB = 16 * 1024;
/** A search that costs most takes twenty milliseconds; meanwhile the others have another thread. */
const READERS = 2;
/** Calls that wait for a reader: a second's. Whoever comes then is told to come again, rather than to wait with all others. */
const MAX_READS = 400;
const MAX_WRITES = 2_000;
/** Peers, for heartbeats. */
const PEERS_CACHE_KIB = 8 * 1024;

/**
 * The embedded store: one file (its folder is made), or ":memory:". One process at a time writes to it. Long work is done
 * in two threads, one that writes and one that searches; what the tracker asks with each heartbeat is read here, which
 * waits for neither.
 */
export function createSqliteStore(path: string, { threads }: { threads?: StoreThreads } = {}): Store {
  const db = openDatabase(path, { cacheKib: PEERS_CACHE_KIB });
  try {
    convertEntries(db);
  } catch (error) {
    db.close();
    throw error;
  }
  const here = createParts(db);
  // Each connection to ":memory:" is to a memory of its own.
  if (path === ":memory:") return storeOf(db, here, { ping: async () => {}, close: async () => {} });
  const used = threads ?? startStoreThreads();
  const writer = used.writer.open({ path, cacheKib: WRITER_CACHE_KIB });
  const readers = used.readers.map((thread) => thread.open({ path, cacheKib: READER_CACHE_KIB }));
  return storeOf(db, inThreads({ here, writer, readers }), {
    async ping() {
      // Nothing to note, and nobody sees anything: a thread that has ended throws.
      const reads = readers.map((reader) => reader.call("index", "holdersOf", NOBODY, ""));
      await Promise.all([writer.call("peers", "touch", []), ...reads]);
    },
    async close() {
      await Promise.all([writer, ...readers].map((thread) => thread.close()));
      if (threads === undefined) await used.close();
    },
  });
}

const NOBODY = { aliveSince: Number.MAX_SAFE_INTEGER, includeLocalOnly: false };

/** What long work is done in. Several stores may share them. */
export interface StoreThreads {
  readonly writer: StoreThread;
  readonly readers: readonly StoreThread[];
  close(): Promise<void>;
}

export function startStoreThreads(): StoreThreads {
  const writer = startStoreThread({ maxCalls: MAX_WRITES });
  const readers = Array.from({ length: READERS }, () => startStoreThread({ maxCalls: MAX_READS }));
  return {
    writer,
    readers,
    async close() {
      await Promise.all([writer, ...readers].map((thread) => thread.close()));
    },
  };
}

function storeOf(
  db: Database,
  all: StoreParts,
  threads: { ping(): Promise<void>; close(): Promise<void> },
): Store {
  const parts = rememberPeers(all);
  return {
    ...parts,
    // One process knows what it does: nothing is recorded for others.
    change: (work) => work(parts),
    measure: async (view) => measureDatabase(db, view),
    async ping() {
      db.get("SELECT 1 FROM peers LIMIT 1");
      await threads.ping();
    },
    async close() {
      await threads.close();
      db.close();
    },
  };
}

function inThreads({
  here,
  writer,
  readers,
}: {
  here: StoreParts;
  writer: ThreadStore;
  readers: readonly ThreadStore[];
}): StoreParts {
  /** The one that has the least to do. */
  const reader = () => readers.reduce((least, other) => (other.waiting < least.waiting ? other : least));
  return {
    peers: {
      save: (peer) => writer.call("peers", "save", peer),
      find: here.peers.find,
      touch: (seen) => writer.call("peers", "touch", seen),
      fallSilent: (options) => writer.call("peers", "fallSilent", options),
      remove: (which) => writer.call("peers", "remove", which),
      seenBetween: here.peers.seenBetween,
      list: here.peers.list,
      noteReach: (check) => writer.call("peers", "noteReach", check),
    },
    lists: {
      stage: ({ files, ...rest }) =>
        writer.callWithList("lists", "stage", { list: { name: "files", items: files }, rest }),
      commit: (upload) => writer.call("lists", "commit", upload),
      patch: ({ added, ...rest }) =>
        writer.callWithList("lists", "patch", { list: { name: "added", items: added }, rest }),
      setBareNames: (peerId, names) => writer.call("lists", "setBareNames", peerId, names),
      collectGarbage: (options) => writer.call("lists", "collectGarbage", options),
    },
    index: {
      search: (view, query) => reader().call("index", "search", view, query),
      file: (view, fileId) => reader().call("index", "file", view, fileId),
      peerFiles: (view, peerId, query) => reader().call("index", "peerFiles", view, peerId, query),
      holdersOf: (view, fileName) => reader().call("index", "holdersOf", view, fileName),
      stats: (view) => reader().call("index", "stats", view),
    },
    reports: {
      add: (report) => writer.call("reports", "add", report),
      ofFile: here.reports.ofFile,
      clearUnreachable: (peerId, before) => writer.call("reports", "clearUnreachable", peerId, before),
      forget: (options) => writer.call("reports", "forget", options),
    },
  };
}
