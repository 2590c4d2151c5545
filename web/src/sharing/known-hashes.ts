import type { Manifest } from "@panal/sdk";

/** What is known of a file while it has this size and date. */
export interface KnownHash {
  /** Within what was picked; empty for a single file. */
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
  readonly manifest: Manifest;
}

/** Where it is kept over a reload, for each root. May fail: then it is hashed again. */
export interface HashKeeper {
  list(rootId: string): Promise<ReadonlyMap<string, KnownHash>>;
  keep(rootId: string, hashes: readonly KnownHash[]): Promise<void>;
  forget(rootId: string, paths: readonly string[]): Promise<void>;
}

/** Written together; after a crash so much is hashed again at most. */
const BATCH_FILES = 200;
const BATCH_BYTES = 64 * 1024 * 1024;

/** What is known of one root's files. */
export interface KnownHashes {
  /** Undefined when the file isn't what it was, or never was hashed. */
  find(path: string, file: { size: number; lastModified: number }): Manifest | undefined;
  add(hash: KnownHash): Promise<void>;
  /** Writes what is left. `isWhole`: all files of the root have been looked at, so that others are gone. */
  end(isWhole: boolean): Promise<void>;
}

export async function knownHashesOf(rootId: string, keeper: HashKeeper | undefined): Promise<KnownHashes> {
  const known = (await keeper?.list(rootId).catch(() => undefined)) ?? new Map<string, KnownHash>();
  const unseen = new Set(known.keys());
  let batch: KnownHash[] = [];
  let batchBytes = 0;

  async function flush(): Promise<void> {
    const hashes = batch;
    batch = [];
    batchBytes = 0;
    if (hashes.length > 0) await keeper?.keep(rootId, hashes).catch(() => {});
  }

  return {
    find(path, { size, lastModified }) {
      unseen.delete(path);
      const hash = known.get(path);
      return hash?.mtimeMs === lastModified && hash.manifest.length === size ? hash.manifest : undefined;
    },
    async add(hash) {
      batch.push(hash);
      batchBytes += hash.manifest.length;
      if (batch.length >= BATCH_FILES || batchBytes >= BATCH_BYTES) await flush();
    },
    async end(isWhole) {
      await flush();
      if (isWhole && unseen.size > 0) await keeper?.forget(rootId, [...unseen]).catch(() => {});
    },
  };
}
