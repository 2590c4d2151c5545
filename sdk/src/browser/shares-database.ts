import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { FileId } from "../content/file-id.ts";
import type { KeptShare } from "./kept-shares.ts";

/** What is known of a file of a kept share, for as long as its size and date stay the same. */
export interface HashRecord {
  readonly shareId: string;
  /** Within the share; empty for a single file. */
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
  readonly fileId: FileId;
  readonly pieceLayer: Uint8Array;
}

interface SharesSchema extends DBSchema {
  shares: { key: string; value: KeptShare };
  hashes: { key: [shareId: string, path: string]; value: HashRecord };
}

/** The database of what this browser shares, open for as long as `use` takes. Throws where the browser keeps nothing. */
export async function withSharesDatabase<T>(use: (db: IDBPDatabase<SharesSchema>) => Promise<T>): Promise<T> {
  const db = await openDB<SharesSchema>("panal-shares", 2, {
    upgrade(opened, oldVersion) {
      if (oldVersion < 1) opened.createObjectStore("shares", { keyPath: "id" });
      opened.createObjectStore("hashes", { keyPath: ["shareId", "path"] });
    },
    // A newer page of the app waits for this one: it isn't kept waiting.
    blocking: (_current, _wanted, event) => (event.target as IDBDatabase).close(),
  });
  try {
    return await use(db);
  } finally {
    db.close();
  }
}

/** All hashes of one share. */
export function hashesOf(shareId: string): IDBKeyRange {
  // An array comes after every text.
  return IDBKeyRange.bound([shareId], [shareId, []]);
}
