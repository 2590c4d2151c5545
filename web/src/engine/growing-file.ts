import { PanalError } from "@panal/sdk";
import type { ByteRange, Manifest, PieceSet } from "@panal/sdk/content";
import type { ReadableStore } from "@panal/sdk/transfer";

/** A download that others may read from while it runs: what is verified and can be read here, and nothing else. */
export interface GrowingFile {
  /** To be given to the download in place of its own. */
  readonly store: ReadableStore;
  /** Known once the store is open. */
  readonly manifest: Manifest | undefined;
  /** Undefined before anything is there, and when the download has ended without being whole. */
  pieces(): PieceSet | undefined;
  /** Of such pieces; throws "unreachable" for others. */
  read(range: ByteRange): Promise<Uint8Array<ArrayBuffer>>;
}

/** `readable`: what the store can give at once, while it is open; without it, all that was written. */
export function createGrowingFile(store: ReadableStore, readable?: () => PieceSet | undefined): GrowingFile {
  let manifest: Manifest | undefined;
  let have: PieceSet | undefined;
  let isWhole = false;

  function pieces(): PieceSet | undefined {
    const now = isWhole || readable === undefined ? have : have && readable();
    return now === undefined || now.size === 0 ? undefined : now;
  }

  function areThere({ start, end }: ByteRange): boolean {
    const there = pieces();
    if (manifest === undefined || there === undefined || end > manifest.length) return false;
    const { pieceLength } = manifest;
    for (let index = Math.floor(start / pieceLength); index * pieceLength < end; index++) {
      if (!there.has(index)) return false;
    }
    return true;
  }

  return {
    store: {
      ...store,
      async open(opened, options) {
        const found = await store.open(opened, options);
        manifest = opened;
        have = found.clone();
        return found;
      },
      async write(pieceIndex, data) {
        await store.write(pieceIndex, data);
        have?.add(pieceIndex);
      },
      async complete() {
        await store.complete();
        isWhole = true;
      },
      async close() {
        if (!isWhole) have = undefined;
        await store.close();
      },
    },
    get manifest() {
      return manifest;
    },
    pieces,
    async read(range) {
      if (!areThere(range)) throw new PanalError("unreachable", "not all of that is here yet");
      return store.read(range);
    },
  };
}
