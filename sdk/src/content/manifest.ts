import { PanalError } from "../errors.ts";
import { HASH_LENGTH, pieceCountFor, pieceLengthFor, pieceRange } from "./blocks.ts";
import { type FileId, fileIdLength, fileIdOf, fileIdRoot } from "./file-id.ts";
import { equalBytes, type HashBlocks, pieceHash, rootOfPieceLayer } from "./merkle.ts";

/** What is needed to check each piece of a file. Only this file makes one. */
export interface Manifest {
  readonly fileId: FileId;
  /** Bytes, 0 to 2 TiB. */
  readonly length: number;
  readonly pieceLength: number;
  readonly pieceCount: number;
  /** 32 bytes. */
  readonly piecesRoot: Uint8Array;
  /** 32 bytes a piece; empty when the file is not longer than one piece. */
  readonly pieceLayer: Uint8Array;
}

/** A manifest as somebody claims it, before it is checked. */
export interface ManifestClaim {
  readonly length: number;
  readonly pieceLength: number;
  readonly piecesRoot: Uint8Array;
  readonly pieceLayer: Uint8Array;
}

/**
 * Checks a claim against the file id, the only thing that is trusted: length first (the root of a large file is
 * also that of a 64-byte one), then what follows from it, then the hashes. Throws "corrupt" naming what is wrong.
 */
export function verifyManifest(fileId: FileId, claim: ManifestClaim): Manifest {
  const length = fileIdLength(fileId);
  const refuse = (why: string) => new PanalError("corrupt", `manifest of ${fileId}: ${why}`);
  if (claim.length !== length) throw refuse(`length ${claim.length} instead of ${length}`);
  const pieceLength = pieceLengthFor(length);
  if (claim.pieceLength !== pieceLength) {
    throw refuse(`piece length ${claim.pieceLength} instead of ${pieceLength}`);
  }
  const pieceCount = pieceCountFor(length, pieceLength);
  const layerLength = pieceCount > 1 ? pieceCount * HASH_LENGTH : 0;
  if (claim.pieceLayer.length !== layerLength) {
    throw refuse(`piece layer of ${claim.pieceLayer.length} bytes instead of ${layerLength}`);
  }
  const piecesRoot = fileIdRoot(fileId);
  if (!equalBytes(claim.piecesRoot, piecesRoot)) throw refuse("another pieces root");
  if (pieceCount > 1 && !equalBytes(rootOfPieceLayer(claim.pieceLayer, pieceLength), piecesRoot)) {
    throw refuse("the piece layer does not lead to the pieces root");
  }
  if (
    pieceCount === 0 &&
    !equalBytes(pieceHash(new Uint8Array(0), { pieceLength, isWholeFile: true }), piecesRoot)
  ) {
    throw refuse("an empty file has another root");
  }
  return { fileId, length, pieceLength, pieceCount, piecesRoot, pieceLayer: claim.pieceLayer };
}

/** The manifest by a piece layer that is kept or claimed; the rest is in the file's id. Throws "corrupt" as `verifyManifest` does. */
export function manifestOfLayer(fileId: FileId, pieceLayer: Uint8Array): Manifest {
  const length = fileIdLength(fileId);
  const pieceLength = pieceLengthFor(length);
  return verifyManifest(fileId, { length, pieceLength, piecesRoot: fileIdRoot(fileId), pieceLayer });
}

/** The manifest that needs no peer: a file of at most one piece is checked by its root alone. */
export function manifestOfSinglePiece(fileId: FileId): Manifest | undefined {
  const length = fileIdLength(fileId);
  return length > pieceLengthFor(length) ? undefined : manifestOfLayer(fileId, new Uint8Array(0));
}

/** Whether `data` is piece `pieceIndex` of the file, by length and hash. */
export async function verifyPiece(
  manifest: Manifest,
  piece: { index: number; data: Uint8Array },
  hashBlocks: HashBlocks,
): Promise<boolean> {
  const { start, end } = pieceRange(piece.index, manifest);
  if (piece.data.length !== end - start) return false;
  return equalBytes(
    pieceHash(await hashBlocks(piece.data), {
      pieceLength: manifest.pieceLength,
      isWholeFile: manifest.pieceCount <= 1,
      hashPairs: hashBlocks.pairs,
    }),
    expectedPieceHash(manifest, piece.index),
  );
}

/** The manifest of a file of `length` bytes from the hashes of all its pieces, in order (one for an empty file). */
export function manifestFromPieceHashes(pieceHashes: Uint8Array, length: number): Manifest {
  const pieceLength = pieceLengthFor(length);
  const pieceCount = pieceCountFor(length, pieceLength);
  if (pieceHashes.length !== Math.max(1, pieceCount) * HASH_LENGTH) {
    throw new PanalError(
      "invalid",
      `${pieceHashes.length / HASH_LENGTH} piece hashes for ${pieceCount} pieces`,
    );
  }
  const piecesRoot = pieceCount > 1 ? rootOfPieceLayer(pieceHashes, pieceLength) : pieceHashes;
  return {
    fileId: fileIdOf(piecesRoot, length),
    length,
    pieceLength,
    pieceCount,
    piecesRoot,
    pieceLayer: pieceCount > 1 ? pieceHashes : new Uint8Array(0),
  };
}

/** Hash of piece `pieceIndex` when the file has `length` bytes, from its bytes. */
export async function hashPiece(
  data: Uint8Array,
  length: number,
  hashBlocks: HashBlocks,
): Promise<Uint8Array> {
  const pieceLength = pieceLengthFor(length);
  return pieceHash(await hashBlocks(data), {
    pieceLength,
    isWholeFile: length <= pieceLength,
    hashPairs: hashBlocks.pairs,
  });
}

/**
 * The manifest of a file whose bytes come in order, in chunks of any size; `length` must be what comes. `onPiece` gets each piece, whose memory
 * is used again when it has settled.
 */
export async function manifestOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  length: number,
  hashBlocks: HashBlocks,
  onPiece?: (piece: Uint8Array) => Promise<void>,
): Promise<Manifest> {
  const pieceLength = pieceLengthFor(length);
  const piece = new Uint8Array(Math.min(pieceLength, length));
  const pieceHashes = new Uint8Array(Math.max(1, pieceCountFor(length, pieceLength)) * HASH_LENGTH);
  let filled = 0;
  let total = 0;
  let done = 0;
  const endPiece = async () => {
    const data = piece.subarray(0, filled);
    pieceHashes.set(await hashPiece(data, length, hashBlocks), done++ * HASH_LENGTH);
    await onPiece?.(data);
    filled = 0;
  };
  for await (const chunk of chunks) {
    total += chunk.length;
    if (total > length) break;
    for (let from = 0; from < chunk.length;) {
      const part = chunk.subarray(from, from + piece.length - filled);
      piece.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled === piece.length) await endPiece();
    }
  }
  if (total !== length)
    throw new PanalError(
      "changed",
      `expected ${length} bytes, there were ${total > length ? "more" : total}`,
    );
  if (filled > 0 || length === 0) await endPiece();
  return manifestFromPieceHashes(pieceHashes, length);
}

/** 32 bytes. */
export function expectedPieceHash(manifest: Manifest, pieceIndex: number): Uint8Array {
  if (manifest.pieceCount <= 1) return manifest.piecesRoot;
  return manifest.pieceLayer.subarray(pieceIndex * HASH_LENGTH, (pieceIndex + 1) * HASH_LENGTH);
}
