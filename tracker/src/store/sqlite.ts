import { createFileIndex } from "./sqlite-index.ts";
import { createListStore } from "./sqlite-lists.ts";
import { createPeerStore } from "./sqlite-peers.ts";
import { openDatabase } from "./sqlite-schema.ts";
import type { Store } from "./store.ts";

/** The embedded store: one file (its folder is made), or ":memory:". One process at a time writes to it. */
export function createSqliteStore(path: string): Store {
  const db = openDatabase(path);
  return {
    peers: createPeerStore(db),
    lists: createListStore(db),
    index: createFileIndex(db),
    async ping() {
      db.get("SELECT 1 FROM peers LIMIT 1");
    },
    async close() {
      db.close();
    },
  };
}
