import { BLOCK_LENGTH, HASH_LENGTH } from "@panal/sdk";

/** A piece whose parts come one by one, in any order: the hashes of the blocks that are here. */
export interface GatheredPiece {
  /** The stretches of a part whose blocks nobody has brought yet, now taken; bytes within the piece, end exclusive. */
  take(start: number, end: number): { start: number; end: number }[];
  /** A stretch that was taken is written, and its hashes are these. */
  written(start: number, blockHashes: Uint8Array): void;
  /** It couldn't be: others may bring it. */
  release(start: number, end: number): void;
  /** Nothing that was taken is still being written. */
  readonly isIdle: boolean;
  /** Of all its blocks, once all are here. */
  readonly blockHashes: Uint8Array | undefined;
}

export function createGatheredPiece(length: number): GatheredPiece {
  const blockCount = Math.ceil(length / BLOCK_LENGTH);
  const hashes = new Uint8Array(blockCount * HASH_LENGTH);
  const isTaken = new Uint8Array(blockCount);
  let writing = 0;
  let left = blockCount;
  return {
    take(start, end) {
      const stretches: { start: number; end: number }[] = [];
      for (let at = start; at < end; at += BLOCK_LENGTH) {
        const block = at / BLOCK_LENGTH;
        if (isTaken[block] === 1) continue;
        isTaken[block] = 1;
        const blockEnd = Math.min(at + BLOCK_LENGTH, end);
        const last = stretches.at(-1);
        if (last?.end === at) last.end = blockEnd;
        else stretches.push({ start: at, end: blockEnd });
      }
      writing += stretches.length;
      return stretches;
    },
    written(start, blockHashes) {
      writing--;
      hashes.set(blockHashes, (start / BLOCK_LENGTH) * HASH_LENGTH);
      left -= blockHashes.length / HASH_LENGTH;
    },
    release(start, end) {
      writing--;
      isTaken.fill(0, start / BLOCK_LENGTH, Math.ceil(end / BLOCK_LENGTH));
    },
    get isIdle() {
      return writing === 0;
    },
    get blockHashes() {
      return left === 0 ? hashes : undefined;
    },
  };
}
