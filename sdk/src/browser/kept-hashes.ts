import { type Manifest, manifestOfLayer } from "../content/manifest.ts";
import { type HashRecord, hashesOf, withSharesDatabase } from "./shares-database.ts";

/** Of all shares together: twice what a page shares at most. What is beyond is hashed again each time. */
const MAX_KEPT_HASHES = 100_000;

/** What a file of a share is, as long as it has this size and date. */
export interface KeptHash {
  /** Within the share; empty for a single file. */
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
  readonly manifest: Manifest;
}

/** What earlier pages found out of a share's files, by path. Throws where the browser keeps nothing. */
export async function listKeptHashes(shareId: string): Promise<Map<string, KeptHash>> {
  const records = await withSharesDatabase((db) => db.getAll("hashes", hashesOf(shareId)));
  const hashes = new Map<string, KeptHash>();
  for (const record of records) {
    const manifest = manifestOfRecord(record);
    if (manifest === undefined) continue;
    hashes.set(record.path, { path: record.path, mtimeMs: record.mtimeMs, manifest });
  }
  return hashes;
}

/** Nothing happens when the share itself isn't kept (any more), so that none outlives it. */
export function keepHashes(shareId: string, hashes: readonly KeptHash[]): Promise<void> {
  return withSharesDatabase(async (db) => {
    const change = db.transaction(["shares", "hashes"], "readwrite");
    const store = change.objectStore("hashes");
    const isKept = (await change.objectStore("shares").count(shareId)) > 0;
    const room = isKept ? MAX_KEPT_HASHES - (await store.count()) : 0;
    for (const { path, mtimeMs, manifest } of hashes.slice(0, Math.max(0, room))) {
      const { fileId, pieceLayer } = manifest;
      void store.put({ shareId, path, mtimeMs, fileId, pieceLayer });
    }
    await change.done;
  });
}

/** Those of files that aren't there any more. */
export function forgetHashes(shareId: string, paths: readonly string[]): Promise<void> {
  return withSharesDatabase(async (db) => {
    const change = db.transaction("hashes", "readwrite");
    for (const path of paths) void change.store.delete([shareId, path]);
    await change.done;
  });
}

/** Checked like anybody's claim: disks fail, and older versions of the app may have written it. */
function manifestOfRecord({ fileId, pieceLayer }: HashRecord): Manifest | undefined {
  try {
    return manifestOfLayer(fileId, pieceLayer);
  } catch {
    return undefined;
  }
}
