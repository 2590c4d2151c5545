import { sha256 } from "@noble/hashes/sha2.js";
import { BLOCK_LENGTH, HASH_LENGTH } from "./blocks.ts";

/**
 * The bulk part of the hashing, done by what the runtime has: Node's crypto, WebCrypto, WASM. Gives the SHA-256
 * of each 16 KiB block of `data` (the last one may be short), 32 bytes each, one after the other; none for no data.
 */
export interface HashBlocks {
  (data: Uint8Array): Promise<Uint8Array> | Uint8Array;
  /** What hashes the rest of the tree, where the runtime has something better than plain JavaScript for that, too. */
  readonly pairs?: HashPairs;
}

/**
 * One level of the tree from the one below: the SHA-256 of each 64 bytes, 32 bytes each. At once, since there is one
 * such hash for each block: noble's take a sixth of the time Node's crypto needs for the blocks.
 */
export type HashPairs = (level: Uint8Array) => Uint8Array;

/** Hashes blocks in plain JavaScript, anywhere: some 200 MB/s. Adapters bring faster ones. */
export const hashBlocksPortably: HashBlocks = (data) => hashEach(data, BLOCK_LENGTH);

const hashPairsPortably: HashPairs = (level) => hashEach(level, 2 * HASH_LENGTH);

function hashEach(data: Uint8Array, partLength: number): Uint8Array {
  const hashes = new Uint8Array(Math.ceil(data.length / partLength) * HASH_LENGTH);
  for (let start = 0, at = 0; start < data.length; start += partLength, at += HASH_LENGTH) {
    hashes.set(sha256(data.subarray(start, start + partLength)), at);
  }
  return hashes;
}

/**
 * The top of the tree over `hashes` (32 bytes each, at least one), filled up on the right to the next power of
 * two, or to `width` leaves, with `padding`: zeros for blocks, the zero subtree of their height for pieces.
 */
export function merkleRoot(
  hashes: Uint8Array,
  options: { width?: number; padding?: Uint8Array; hashPairs?: HashPairs | undefined } = {},
): Uint8Array {
  const { hashPairs = hashPairsPortably } = options;
  let count = hashes.length / HASH_LENGTH;
  let width = options.width ?? nextPowerOfTwo(count);
  let padding = options.padding ?? new Uint8Array(HASH_LENGTH);
  // Each level is written over the one below; padding nodes are hashed once a level, not once each.
  const level = new Uint8Array((count + 1) * HASH_LENGTH);
  level.set(hashes);
  for (; width > 1; width /= 2) {
    if (count % 2 === 1) level.set(padding, count * HASH_LENGTH);
    count = Math.ceil(count / 2);
    level.set(hashPairs(level.subarray(0, 2 * count * HASH_LENGTH)));
    // A level without a gap has none above it either.
    if (count < width / 2) padding = parentOf(padding, padding);
  }
  return level.slice(0, HASH_LENGTH);
}

/** The hash of a subtree of `blocks` (a power of two) leaves that lie past the end of the file. */
export function zeroSubtree(blocks: number): Uint8Array {
  let hash: Uint8Array = new Uint8Array(HASH_LENGTH);
  for (let width = blocks; width > 1; width /= 2) hash = parentOf(hash, hash);
  return hash;
}

/**
 * The hash of one piece from the hashes of its blocks: of the full width when the file has several pieces, of the
 * next power of two when the piece is the whole file (then it is the pieces root).
 */
export function pieceHash(
  blockHashes: Uint8Array,
  piece: { pieceLength: number; isWholeFile: boolean; hashPairs?: HashPairs | undefined },
): Uint8Array {
  if (blockHashes.length === 0) return sha256(new Uint8Array(0));
  const { pieceLength, isWholeFile, hashPairs } = piece;
  return merkleRoot(
    blockHashes,
    isWholeFile ? { hashPairs } : { width: pieceLength / BLOCK_LENGTH, hashPairs },
  );
}

/** The pieces root over a piece layer of two or more hashes. `pieceLength`: a power of two from 16 KiB. */
export function rootOfPieceLayer(pieceLayer: Uint8Array, pieceLength: number): Uint8Array {
  return merkleRoot(pieceLayer, { padding: zeroSubtree(pieceLength / BLOCK_LENGTH) });
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function parentOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  const pair = new Uint8Array(2 * HASH_LENGTH);
  pair.set(left);
  pair.set(right, HASH_LENGTH);
  return sha256(pair);
}

function nextPowerOfTwo(count: number): number {
  let power = 1;
  while (power < count) power *= 2;
  return power;
}
