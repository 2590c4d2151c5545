import { PanalError, throwIfAborted } from "@panal/sdk";
import { type ByteRange, type Manifest, pieceRange, PieceSet } from "@panal/sdk/content";
import type { ReadableStore } from "@panal/sdk/transfer";

/**
 * For somebody who reads a file once, from its beginning to its end: a piece is in memory until it was read, and then
 * gone. How many there are at a time is up to the download, which fetches only so far ahead of its reader. Nothing can
 * be resumed. `isKept`: for somebody who reads a few places and comes back to them; nothing is let go.
 */
export function createPassingStore({ isKept = false }: { isKept?: boolean } = {}): ReadableStore {
  let manifest: Manifest | undefined;
  const pieces = new Map<number, Uint8Array>();

  return {
    async open(opened, { signal }) {
      throwIfAborted(signal);
      manifest = opened;
      return new PieceSet(opened.pieceCount);
    },
    async write(pieceIndex, data) {
      pieces.set(pieceIndex, data.slice());
    },
    async complete() {},
    async close() {},
    /** What comes before the end of the range is let go, if it isn't kept. */
    async read({ start, end }: ByteRange) {
      if (manifest === undefined) throw new PanalError("internal", "the store was never open");
      const bytes = new Uint8Array(end - start);
      for (let index = Math.floor(start / manifest.pieceLength); index < manifest.pieceCount; index++) {
        const range = pieceRange(index, manifest);
        if (range.start >= end) break;
        const piece = pieces.get(index);
        if (piece === undefined) throw new PanalError("out-of-range", `piece ${index} was read before`);
        const from = Math.max(start, range.start);
        bytes.set(piece.subarray(from - range.start, Math.min(end, range.end) - range.start), from - start);
        if (range.end <= end && !isKept) pieces.delete(index);
      }
      return bytes;
    },
  };
}
