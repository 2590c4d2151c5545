import { PanalError } from "../errors.ts";
import { MAX_FILE_LENGTH } from "./file-id.ts";

/** A leaf of the hash tree: 16 KiB (BEP 52). */
export const BLOCK_LENGTH = 16 * 1024;
/** Bytes of a SHA-256. */
export const HASH_LENGTH = 32;

const MIN_PIECE_LENGTH = 1024 * 1024;
export const MAX_PIECE_LENGTH = 16 * 1024 * 1024;
/** Keeps a piece layer at 256 KiB and a comb drawable; only files over 128 GiB have more. */
const PREFERRED_MAX_PIECES = 8192;

/** Where bytes lie: `start` inclusive, `end` exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The piece length that follows from a file's length (bytes): a power of two, 1 MiB to 16 MiB. */
export function pieceLengthFor(fileLength: number): number {
  if (!Number.isSafeInteger(fileLength) || fileLength < 0 || fileLength > MAX_FILE_LENGTH) {
    throw new PanalError("too-large", `file length ${fileLength}: expected 0 to ${MAX_FILE_LENGTH} bytes`);
  }
  let pieceLength = MIN_PIECE_LENGTH;
  while (pieceLength < MAX_PIECE_LENGTH && pieceLength * PREFERRED_MAX_PIECES < fileLength) pieceLength *= 2;
  return pieceLength;
}

/** Number of pieces; an empty file has none. */
export function pieceCountFor(fileLength: number, pieceLength = pieceLengthFor(fileLength)): number {
  return Math.ceil(fileLength / pieceLength);
}

/** The bytes of one piece within its file; the last one may be short. */
export function pieceRange(pieceIndex: number, file: { length: number; pieceLength: number }): ByteRange {
  const start = pieceIndex * file.pieceLength;
  return { start, end: Math.min(start + file.pieceLength, file.length) };
}
