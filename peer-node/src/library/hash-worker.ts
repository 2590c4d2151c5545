import { readSync } from "node:fs";
import { HASH_LENGTH, PanalError, nodeHashBlocks, pieceHash, pieceLengthFor } from "@panal/sdk/thread";
import type { StampedFile } from "./file-stamp.ts";
import { withSharedSync } from "./open-file.ts";

/** What a thread reads at a time; a multiple of a block, a divisor of every piece length. */
const READ_BYTES = 1024 * 1024;

/** Some consecutive pieces of an open file. Descriptors belong to the process, so threads can share them. */
interface PiecesTask {
  readonly type: "pieces";
  readonly fd: number;
  /** Bytes of the whole file. */
  readonly fileLength: number;
  /** Where the first piece begins, and where the last one ends. */
  readonly start: number;
  readonly end: number;
}

/** Files of one piece each, which the thread opens itself. */
interface FilesTask {
  readonly type: "files";
  /** Real path of the share. */
  readonly root: string;
  readonly files: readonly StampedFile[];
}

export type HashTask = PiecesTask | FilesTask;

/** Errors lose their class and code on the way out of a thread. */
interface HashFailure {
  readonly code: PanalError["code"];
  readonly message: string;
}

export interface HashResult {
  /** Of the pieces or the files, 32 bytes each, one after the other: as an array each, they would take ten times that. */
  readonly hashes: Uint8Array;
  /** Why there is none, by the number of the file; 0 is for the pieces together. */
  readonly failures: ReadonlyMap<number, HashFailure>;
}

const buffer = new Uint8Array(READ_BYTES);

export default function hashTask(task: HashTask): HashResult {
  const failures = new Map<number, HashFailure>();
  const noteFailure = (index: number, error: unknown) => {
    const { code, message } = PanalError.from(error, "unreachable");
    failures.set(index, { code, message });
  };
  if (task.type === "pieces") {
    try {
      return { hashes: hashPieces(task), failures };
    } catch (error) {
      noteFailure(0, error);
      return { hashes: new Uint8Array(0), failures };
    }
  }
  const { root, files } = task;
  const hashes = new Uint8Array(files.length * HASH_LENGTH);
  for (const [index, { path, stamp }] of files.entries()) {
    try {
      const whole = { fileLength: stamp.size, start: 0, end: stamp.size };
      const hash = withSharedSync({ root, path, stamp }, (fd) => hashPieces({ fd, ...whole }));
      hashes.set(hash, index * HASH_LENGTH);
    } catch (error) {
      noteFailure(index, error);
    }
  }
  return { hashes, failures };
}

function hashPieces({ fd, fileLength, start, end }: Omit<PiecesTask, "type">): Uint8Array {
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
