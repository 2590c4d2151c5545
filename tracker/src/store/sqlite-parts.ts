import { createFileIndex } from "./sqlite-index.ts";
import { createListStore } from "./sqlite-lists.ts";
import { createPeerStore } from "./sqlite-peers.ts";
import { createReportStore } from "./sqlite-reports.ts";
import type { Database } from "./sqlite-schema.ts";
import type { FileIndex, ListStore, PeerStore, ReportStore } from "./store.ts";

/** All that one connection can do. */
export interface StoreParts {
  readonly peers: PeerStore;
  readonly lists: ListStore;
  readonly index: FileIndex;
  readonly reports: ReportStore;
}

export function createParts(db: Database): StoreParts {
  return {
    peers: createPeerStore(db),
    lists: createListStore(db),
    index: createFileIndex(db),
    reports: createReportStore(db),
  };
}
