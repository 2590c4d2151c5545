import { partMemory, writerInto } from "./part-memory.ts";

/** Bytes of a file that are kept as one: small enough that the ends of what is asked for waste little, and a piece is a few of them. */
export const SLICE_BYTES = 256 * 1024;
/** Of all files of all peers together; what windows of readers have is taken off. */
export const MAX_HOT_BYTES = 32 * 1024 * 1024;
/** What was asked for lately, kept or not, by which it shows that a file has several readers: 2 GiB, in slices. */
const MAX_REMEMBERED = 8192;
/** Files that have several. */
const MAX_HOT_FILES = 256;
/** What an entry takes besides its bytes. */
const ENTRY_COST_BYTES = 640;

interface Entry {
  readonly chunks: readonly Buffer[];
  readonly costBytes: number;
  readonly owner: Map<string, Entry>;
  readonly key: string;
}

/**
 * What several readers have asked attached peers for lately; what nobody asked for again goes first. Of a file that one reads alone nothing is
 * kept: it would be in memory for nobody.
 */
export interface HotSlices {
  /** Those of one peer, for as long as it is attached. */
  of(): SlicesOfPeer;
  readonly costBytes: number;
  /** There may be less room now. */
  fit(): void;
}

export interface SlicesOfPeer {
  get(fileId: string, index: number): readonly Buffer[] | undefined;
  has(fileId: string, index: number): boolean;
  /** Somebody reads there. */
  asked(fileId: string, index: number): void;
  /** A whole slice; the last one of a file may be shorter. */
  keep(fileId: string, index: number, chunks: readonly Buffer[]): void;
  /** What is kept of it isn't given any more. */
  clear(): void;
}

/** `maxBytes`: how much there may be, asked whenever that counts. */
export function createHotSlices(maxBytes: () => number): HotSlices {
  /** Of all peers, those that were asked for last at the end. */
  const entries = new Set<Entry>();
  let costBytes = 0;
  let owners = 0;
  const remembered = new Set<string>();
  const hotFiles = new Set<string>();

  function remove(entry: Entry): void {
    if (!entries.delete(entry)) return;
    entry.owner.delete(entry.key);
    entry.chunks.forEach(partMemory.drop);
    costBytes -= entry.costBytes;
  }

  function fit(): void {
    const most = maxBytes();
    for (const oldest of entries) {
      if (costBytes <= most) break;
      remove(oldest);
    }
  }

  return {
    fit,
    get costBytes() {
      return costBytes;
    },
    of() {
      const owner = new Map<string, Entry>();
      const name = String(owners++);
      return {
        has: (fileId, index) => owner.has(`${fileId}/${index}`),
        get(fileId, index) {
          const entry = owner.get(`${fileId}/${index}`);
          if (entry === undefined) return undefined;
          entries.delete(entry);
          entries.add(entry);
          return entry.chunks;
        },
        asked(fileId, index) {
          const [file, slice] = [`${name}/${fileId}`, `${name}/${fileId}/${index}`];
          if (remembered.has(slice)) note(hotFiles, file, MAX_HOT_FILES);
          else note(remembered, slice, MAX_REMEMBERED);
        },
        keep(fileId, index, given) {
          if (!hotFiles.has(`${name}/${fileId}`)) return;
          const key = `${fileId}/${index}`;
          const before = owner.get(key);
          if (before !== undefined) remove(before);
          // In memory of its own: a chunk may be the end of a larger one, which it would keep.
          const chunks = copyOf(given);
          const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
          const entry: Entry = {
            chunks,
            costBytes: bytes + ENTRY_COST_BYTES,
            owner,
            key,
          };
          owner.set(key, entry);
          entries.add(entry);
          costBytes += entry.costBytes;
          fit();
        },
        clear() {
          for (const entry of Array.from(owner.values())) remove(entry);
        },
      };
    },
  };
}

function copyOf(given: readonly Buffer[]): Buffer[] {
  const copy = partMemory.take(given.reduce((sum, { length }) => sum + length, 0));
  given.forEach(writerInto(copy));
  return copy;
}

/** As the newest; the oldest goes. */
function note(names: Set<string>, name: string, most: number): void {
  names.delete(name);
  names.add(name);
  for (const oldest of names) {
    if (names.size <= most) break;
    names.delete(oldest);
  }
}
