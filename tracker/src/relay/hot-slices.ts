/** Bytes of a file that are kept as one: small enough that the ends of what is asked for waste little, and a piece is a few of them. */
export const SLICE_BYTES = 256 * 1024;
/** Of all files of all peers together. */
const MAX_HOT_BYTES = 64 * 1024 * 1024;
/** What an entry takes besides its bytes, and each of its chunks. */
const ENTRY_COST_BYTES = 512;
const CHUNK_COST_BYTES = 128;
/** Bytes that trickled in are put together, so that what is counted is what they take. */
const MAX_CHUNKS = 64;

interface Entry {
  readonly chunks: readonly Buffer[];
  readonly costBytes: number;
  readonly owner: Map<string, Entry>;
  readonly key: string;
}

/** What readers have asked attached peers for lately: what nobody asked for again goes first. */
export interface HotSlices {
  /** Those of one peer, for as long as it is attached. */
  of(): SlicesOfPeer;
  readonly costBytes: number;
}

export interface SlicesOfPeer {
  get(fileId: string, index: number): readonly Buffer[] | undefined;
  has(fileId: string, index: number): boolean;
  /** A whole slice; the last one of a file may be shorter. */
  keep(fileId: string, index: number, chunks: readonly Buffer[]): void;
  /** What is kept of it isn't given any more. */
  clear(): void;
}

export function createHotSlices(maxBytes = MAX_HOT_BYTES): HotSlices {
  /** Of all peers, those that were asked for last at the end. */
  const entries = new Set<Entry>();
  let costBytes = 0;

  function remove(entry: Entry): void {
    if (!entries.delete(entry)) return;
    entry.owner.delete(entry.key);
    costBytes -= entry.costBytes;
  }

  return {
    get costBytes() {
      return costBytes;
    },
    of() {
      const owner = new Map<string, Entry>();
      return {
        has: (fileId, index) => owner.has(`${fileId}/${index}`),
        get(fileId, index) {
          const entry = owner.get(`${fileId}/${index}`);
          if (entry === undefined) return undefined;
          entries.delete(entry);
          entries.add(entry);
          return entry.chunks;
        },
        keep(fileId, index, given) {
          const key = `${fileId}/${index}`;
          const before = owner.get(key);
          if (before !== undefined) remove(before);
          const chunks = given.length > MAX_CHUNKS ? [Buffer.concat(given)] : given;
          const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
          const entry: Entry = {
            chunks,
            costBytes: bytes + ENTRY_COST_BYTES + chunks.length * CHUNK_COST_BYTES,
            owner,
            key,
          };
          owner.set(key, entry);
          entries.add(entry);
          costBytes += entry.costBytes;
          for (const oldest of entries) {
            if (costBytes <= maxBytes) break;
            remove(oldest);
          }
        },
        clear() {
          for (const entry of Array.from(owner.values())) remove(entry);
        },
      };
    },
  };
}
