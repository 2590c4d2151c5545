import { pieceRange } from "../content/blocks.ts";
import type { Manifest } from "../content/manifest.ts";
import { PieceSet } from "../content/piece-set.ts";
import { PanalError, throwIfAborted } from "../errors.ts";
import type { Store } from "./store.ts";

/** For small files and tests: the whole file in memory. What was written outlives `close`, as on a disk. */
export interface MemoryStore extends Store {
  /** The whole file, once it is complete. */
  readonly bytes: Uint8Array | undefined;
}

export function createMemoryStore(): MemoryStore {
  let kept: { manifest: Manifest; data: Uint8Array; have: PieceSet } | undefined;
  let isOpen = false;
  let isComplete = false;

  function mustBeOpen() {
    if (kept === undefined || !isOpen) throw new PanalError("internal", "the store is not open");
    return kept;
  }

  return {
    get bytes() {
      return isComplete ? kept?.data : undefined;
    },
    async open(manifest, { signal }) {
      throwIfAborted(signal);
      if (isComplete) throw new PanalError("conflict", "the store holds a whole file already");
      if (kept?.manifest.fileId !== manifest.fileId) {
        kept = { manifest, data: new Uint8Array(manifest.length), have: new PieceSet(manifest.pieceCount) };
      }
      isOpen = true;
      return kept.have.clone();
    },
    async write(pieceIndex, data) {
      const { manifest, data: all, have } = mustBeOpen();
      all.set(data, pieceRange(pieceIndex, manifest).start);
      have.add(pieceIndex);
    },
    async complete() {
      const { have } = mustBeOpen();
      if (!have.isFull) throw new PanalError("internal", `${have.size} of ${have.pieceCount} pieces are there`);
      isComplete = true;
    },
    async close() {
      isOpen = false;
    },
  };
}
