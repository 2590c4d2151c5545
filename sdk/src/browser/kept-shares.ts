import { hashesOf, withSharesDatabase } from "./shares-database.ts";

/** A file or folder somebody shares from a page; the handle needs a new permission after a reload. */
export interface KeptShare {
  readonly id: string;
  readonly handle: FileSystemFileHandle | FileSystemDirectoryHandle;
}

/** What earlier pages shared, in no order. Throws where the browser keeps nothing. */
export function listKeptShares(): Promise<KeptShare[]> {
  return withSharesDatabase((db) => db.getAll("shares"));
}

export function keepShare(share: KeptShare): Promise<void> {
  return withSharesDatabase(async (db) => void (await db.put("shares", share)));
}

/** And what is known of its files. */
export function forgetShare(id: string): Promise<void> {
  return withSharesDatabase(async (db) => {
    const change = db.transaction(["shares", "hashes"], "readwrite");
    await Promise.all([
      change.objectStore("shares").delete(id),
      change.objectStore("hashes").delete(hashesOf(id)),
      change.done,
    ]);
  });
}
