import type { Manifest } from "../content/manifest.ts";
import { PieceSet } from "../content/piece-set.ts";
import { PanalError, throwIfAborted } from "../errors.ts";
import { positionOfPiece } from "./piece-check.ts";
import type { ReadableStore } from "./store.ts";

/** The longest file a memory store takes, 1 GiB: what a script may hold, not what a disk may. */
const MAX_LENGTH = 1024 * 1024 * 1024;

/** For small files and tests: the whole file in memory. What was written outlives `close`, as on a disk. */
export interface MemoryStore extends ReadableStore {
  /** The whole file, once it is complete. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
}

export function createMemoryStore(): MemoryStore {
  let kept: { manifest: Manifest; data: Uint8Array<ArrayBuffer>; have: PieceSet } | undefined;
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
    async read({ start, end }) {
      return kept?.data.slice(start, end) ?? new Uint8Array();
    },
    async open(manifest, { signal }) {
      throwIfAborted(signal);
      if (isComplete) throw new PanalError("conflict", "the store holds a whole file already");
      if (manifest.length > MAX_LENGTH) {
        throw new PanalError(
          "too-large",
          `${manifest.fileId}: ${manifest.length} bytes don't fit into memory`,
        );
      }
      if (kept?.manifest.fileId !== manifest.fileId) {
        kept = { manifest, data: new Uint8Array(manifest.length), have: new PieceSet(manifest.pieceCount) };
      }
      isOpen = true;
      return kept.have.clone();
    },
    async write(pieceIndex, data) {
      const { manifest, data: all, have } = mustBeOpen();
      all.set(data, positionOfPiece(manifest, pieceIndex, data));
      have.add(pieceIndex);
    },
    async complete() {
      const { have } = mustBeOpen();
      if (!have.isFull)
        throw new PanalError("internal", `${have.size} of ${have.pieceCount} pieces are there`);
      isComplete = true;
    },
    async close() {
      isOpen = false;
    },
  };
}
