import { pushSigned, readVarints } from "./varints.ts";

/** Entries of one block, at most: finding a path in it takes seven looks at names, and writing it anew a kilobyte. */
export const MAX_BLOCK_ENTRIES = 128;

/** A path in a peer's list, which is in the name. */
export interface BlockEntry {
  readonly name: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
}

/** A stretch of a list, in a few bytes for each entry: names that were announced together have numbers that follow each other. */
export function encodeBlock(entries: readonly BlockEntry[]): Uint8Array {
  const bytes: number[] = [];
  let [name, mtime] = [0, 0];
  for (const entry of entries) {
    pushSigned(bytes, entry.name - name);
    pushSigned(bytes, entry.mtime - mtime);
    ({ name, mtime } = entry);
  }
  return new Uint8Array(bytes);
}

export function decodeBlock(bytes: Uint8Array): BlockEntry[] {
  const reader = readVarints(bytes);
  const entries: BlockEntry[] = [];
  let [name, mtime] = [0, 0];
  while (!reader.isAtEnd) {
    name += reader.nextSigned();
    mtime += reader.nextSigned();
    entries.push({ name, mtime });
  }
  return entries;
}
