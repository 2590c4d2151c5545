import { type DBSchema, openDB } from "idb";

/** A file or folder somebody shares from a page; the handle needs a new permission after a reload. */
export interface KeptShare {
  readonly id: string;
  readonly handle: FileSystemFileHandle | FileSystemDirectoryHandle;
}

interface SharesSchema extends DBSchema {
  shares: { key: string; value: KeptShare };
}

const openDatabase = () =>
  openDB<SharesSchema>("panal-shares", 1, {
    upgrade(db) {
      db.createObjectStore("shares", { keyPath: "id" });
    },
  });

async function withDatabase<T>(
  use: (db: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>,
): Promise<T> {
  const db = await openDatabase();
  try {
    return await use(db);
  } finally {
    db.close();
  }
}

/** What earlier pages shared, in no order. Throws where the browser keeps nothing. */
export function listKeptShares(): Promise<KeptShare[]> {
  return withDatabase((db) => db.getAll("shares"));
}

export function keepShare(share: KeptShare): Promise<void> {
  return withDatabase(async (db) => void (await db.put("shares", share)));
}

export function forgetShare(id: string): Promise<void> {
  return withDatabase((db) => db.delete("shares", id));
}
