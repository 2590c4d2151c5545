import { createFileIndex } from "./sqlite-index.ts";
import { createListStore } from "./sqlite-lists.ts";
import { IS_VISIBLE, createPeerStore, viewParams } from "./sqlite-peers.ts";
import { createReportStore } from "./sqlite-reports.ts";
import { openDatabase } from "./sqlite-schema.ts";
import type { Store } from "./store.ts";

/** The embedded store: one file (its folder is made), or ":memory:". One process at a time writes to it. */
export function createSqliteStore(path: string): Store {
  const db = openDatabase(path);
  const parts = { peers: createPeerStore(db), lists: createListStore(db) };
  return {
    ...parts,
    index: createFileIndex(db),
    reports: createReportStore(db),
    // One process knows what it does: nothing is recorded for others.
    change: (work) => work(parts),
    async measure(view) {
      const live = db.get<{ peers: number; entries: number }>(
        `SELECT count(*) AS peers, coalesce(sum(l.file_count), 0) AS entries FROM peers p
           JOIN lists l ON l.id = p.list WHERE ${IS_VISIBLE}`,
        viewParams(view),
      )!;
      const size = db.get<{ sizeBytes: number }>(
        "SELECT page_count * page_size AS sizeBytes FROM pragma_page_count, pragma_page_size",
      )!;
      return { ...live, ...size };
    },
    async ping() {
      db.get("SELECT 1 FROM peers LIMIT 1");
    },
    async close() {
      db.close();
    },
  };
}
