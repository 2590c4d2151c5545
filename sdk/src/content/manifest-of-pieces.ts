import { PanalError, throwIfAborted } from "../errors.ts";
import { type ByteRange, HASH_LENGTH, pieceCountFor, pieceLengthFor, pieceRange } from "./blocks.ts";
import { type Manifest, hashPiece, manifestFromPieceHashes } from "./manifest.ts";
import { hashBlocksPortably } from "./merkle.ts";

export interface PieceHashing {
  /** Of the file, in bytes. */
  length: number;
  /**
   * Called for each of those that work at a time: what it gives reads and hashes a piece, and isn't asked for the next one before, so that
   * it may use its memory again.
   */
  openHasher(): (range: ByteRange) => Promise<Uint8Array>;
  /** Pieces that are read and hashed at a time: what hashing takes of memory. */
  parallel: number;
  signal: AbortSignal;
  /** Bytes done since the last call. */
  onBytes?: ((bytes: number) => void) | undefined;
}

/** The manifest of a file whose pieces can be read in any order. Throws what reading throws, once nobody reads any more. */
export async function manifestOfPieces(options: PieceHashing): Promise<Manifest> {
  const { length, openHasher, parallel, signal, onBytes } = options;
  const pieceLength = pieceLengthFor(length);
  const pieceCount = pieceCountFor(length);
  const hashes = new Uint8Array(Math.max(1, pieceCount) * HASH_LENGTH);
  if (length === 0) hashes.set(await hashPiece(new Uint8Array(0), 0, hashBlocksPortably));
  let next = 0;
  const worker = async () => {
    const hash = openHasher();
    while (next < pieceCount) {
      const index = next++;
      try {
        throwIfAborted(signal);
        const { start, end } = pieceRange(index, { length, pieceLength });
        hashes.set(await hash({ start, end }), index * HASH_LENGTH);
        onBytes?.(end - start);
      } catch (error) {
        next = pieceCount;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(parallel, pieceCount) }, worker);
  // All must have ended before anybody closes the file.
  for (const result of await Promise.allSettled(workers)) {
    if (result.status === "rejected") throw PanalError.from(result.reason);
  }
  return manifestFromPieceHashes(hashes, length);
}
