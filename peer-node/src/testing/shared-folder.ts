import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { manifestOf } from "@panal/sdk";
import { nodeHashBlocks } from "@panal/sdk/node";
import type { FileHasher } from "../library/hash-pool.ts";
import { openIndexDb } from "../library/index-db.ts";
import { type Library, type LibraryOptions, openLibrary } from "../library/library.ts";
import { resolveShareRoot } from "../library/share-root.ts";

/** Long enough ago for nobody to be writing any more, in whole seconds. */
const WRITTEN_AT = 1_700_000_000;

/** A folder for a test, outside of which nothing is touched. */
export interface TestFolder {
  /** Real path of the share. */
  readonly root: string;
  /** Beside the share, for what must not be in it. */
  readonly outside: string;
  /** Writes a file of the share with a time stamp of its own. */
  write(path: string, content: Uint8Array | string, writtenAt?: number): Promise<void>;
  open(options?: Partial<LibraryOptions>): Library;
  /** Files that were hashed, by all libraries together. */
  readonly hashed: string[];
  close(): Promise<void>;
}

export async function createTestFolder(): Promise<TestFolder> {
  const folder = await mkdtemp(join(tmpdir(), "panal-share-"));
  const outside = join(folder, "outside");
  await mkdir(join(folder, "share"));
  await mkdir(outside);
  const root = await resolveShareRoot(join(folder, "share"));
  const hashed: string[] = [];
  // Without threads, which take longer to start than all of this.
  const hasher: FileHasher = {
    parallelFiles: 2,
    async hash(file) {
      hashed.push(file.path);
      const bytes = new Uint8Array(file.length);
      await file.read([bytes], 0);
      return manifestOf([bytes], bytes.length, nodeHashBlocks);
    },
    close: async () => {},
  };
  const libraries: Library[] = [];
  return {
    root,
    outside,
    hashed,
    async write(path, content, writtenAt = WRITTEN_AT) {
      const target = join(root, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, content);
      await utimes(target, writtenAt, writtenAt);
    },
    open(options) {
      const library = openLibrary({
        root,
        hasher,
        index: openIndexDb({ path: join(folder, "index.db"), nowMs: Date.now() }),
        ...options,
      });
      libraries.push(library);
      return library;
    },
    async close() {
      await Promise.allSettled(libraries.map((library) => library.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Bytes that don't repeat at any length of interest here. */
export function sampleBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
