import { existsSync } from "node:fs";
import { PanalError } from "@panal/sdk";
import { createParts } from "./sqlite-parts.ts";
import { measureDatabase } from "./sqlite-stats.ts";
import { openDatabase } from "./sqlite-schema.ts";
import type { ReadOnlyStore } from "./store.ts";

const CACHE_KIB = 8 * 1024;

/**
 * What a tracker keeps, for another process that only looks: in WAL mode neither waits for the other. The database has to be there, of
 * this version: only its tracker makes it, or brings it up to date. Throws "invalid" and "conflict".
 */
export function openSqliteReader(path: string): ReadOnlyStore {
  if (path === ":memory:" || !existsSync(path)) {
    throw new PanalError("invalid", `--data: there is no ${path}: start the tracker it belongs to first`);
  }
  const db = openDatabase(path, { cacheKib: CACHE_KIB, isReader: true });
  const { peers, index } = createParts(db);
  return {
    peers: { find: peers.find },
    index: { file: index.file },
    measure: async (view) => measureDatabase(db, view),
    async ping() {
      db.get("SELECT 1 FROM peers LIMIT 1");
    },
    async close() {
      db.close();
    },
  };
}
