import { readSync } from "node:fs";
import { HASH_LENGTH, PanalError, nodeHashBlocks, pieceHash, pieceLengthFor } from "@panal/sdk/thread";

/** What a thread reads at a time; a multiple of a block, a divisor of every piece length. */
const READ_BYTES = 1024 * 1024;

/** Some consecutive pieces of an open file. Descriptors belong to the process, so threads can share them. */
export interface HashTask {
  readonly fd: number;
  /** Bytes of the whole file. */
  readonly fileLength: number;
  /** Where the first piece begins, and where the last one ends. */
  readonly start: number;
  readonly end: number;
}

/** Errors lose their class and code on the way out of a thread. */
export type HashResult =
  | { readonly type: "hashed"; readonly pieceHashes: Uint8Array }
  | { readonly type: "failed"; readonly code: PanalError["code"]; readonly message: string };

const buffer = new Uint8Array(READ_BYTES);

export default function hashTask(task: HashTask): HashResult {
  try {
    return { type: "hashed", pieceHashes: hashPieces(task) };
  } catch (error) {
    const { code, message } = PanalError.from(error, "unreachable");
    return { type: "failed", code, message };
  }
}

function hashPieces({ fd, fileLength, start, end }: HashTask): Uint8Array {
  const pieceLength = pieceLengthFor(fileLength);
  const isWholeFile = fileLength <= pieceLength;
  const { pairs: hashPairs } = nodeHashBlocks;
  const pieceCount = Math.max(1, Math.ceil((end - start) / pieceLength));
  const pieceHashes = new Uint8Array(pieceCount * HASH_LENGTH);
  for (let index = 0, at = start; index < pieceCount; index++) {
    const pieceEnd = Math.min(at + pieceLength, end);
    const blockHashes: Uint8Array[] = [];
    for (; at < pieceEnd; at += READ_BYTES) {
      const part = buffer.subarray(0, Math.min(READ_BYTES, pieceEnd - at));
      fill(fd, part, at);
      blockHashes.push(nodeHashBlocks(part));
    }
    at = pieceEnd;
    const hash = pieceHash(Buffer.concat(blockHashes), { pieceLength, isWholeFile, hashPairs });
    pieceHashes.set(hash, index * HASH_LENGTH);
  }
  return pieceHashes;
}

function fill(fd: number, target: Uint8Array, position: number): void {
  for (let filled = 0; filled < target.length;) {
    const bytesRead = readSync(fd, target, filled, target.length - filled, position + filled);
    if (bytesRead === 0) throw new PanalError("changed", "the file became shorter while it was hashed");
    filled += bytesRead;
  }
}
