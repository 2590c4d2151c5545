import { open } from "node:fs/promises";
import { HASH_LENGTH, pieceCountFor, pieceLengthFor, pieceRange } from "../content/blocks.ts";
import { type Manifest, hashPiece, manifestFromPieceHashes } from "../content/manifest.ts";
import { PanalError, throwIfAborted } from "../errors.ts";
import type { UploadSource } from "../transfer/upload-target.ts";
import type { HashThreads } from "./hash-threads.ts";

/** Pieces that are read and hashed at a time, of 16 MiB each at most: what hashing takes of memory. */
const PARALLEL_PIECES = 4;

/** A file of this machine that is being sent; it is read part by part. Must be closed. */
export interface UploadFileSource extends UploadSource {
  readonly length: number;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
  /** Reads all of it. Throws "changed" when somebody writes to it meanwhile. */
  manifest(options: HashOptions): Promise<Manifest>;
  close(): Promise<void>;
}

export interface HashOptions {
  threads: Pick<HashThreads, "hashBlocks" | "allocate">;
  signal: AbortSignal;
  /** Bytes done since the last call. */
  onBytes?: (bytes: number) => void;
}

/** Throws "not-found", "no-permission", "invalid" when it is no file. */
export async function openUploadFile(path: string): Promise<UploadFileSource> {
  const file = await open(path, "r").catch((error: unknown) => {
    const { code, message } = PanalError.from(error);
    throw new PanalError(
      code,
      code === "not-found" ? `${path}: there is no such file` : `${path}: ${message}`,
      {
        cause: error,
      },
    );
  });
  const stats = await file.stat();
  if (!stats.isFile()) {
    await file.close();
    throw new PanalError("invalid", `${path} is not a file`);
  }
  const { size: length, mtimeMs } = stats;

  async function fill(target: Uint8Array, position: number): Promise<void> {
    for (let filled = 0; filled < target.length;) {
      const { bytesRead } = await file.read(target, filled, target.length - filled, position + filled);
      if (bytesRead === 0) throw changed(path);
      filled += bytesRead;
    }
  }
  async function check(): Promise<void> {
    const now = await file.stat();
    if (now.size !== length || now.mtimeMs !== mtimeMs) throw changed(path);
  }

  return {
    length,
    modifiedMs: Math.floor(mtimeMs),
    async manifest(options) {
      const hashes = await hashPieces(length, fill, options);
      await check();
      return manifestFromPieceHashes(hashes, length);
    },
    async read({ start, end }, { memory = () => new Uint8Array(end - start) }) {
      const bytes = memory().subarray(0, end - start);
      await fill(bytes, start);
      await check();
      return bytes;
    },
    close: () => file.close(),
  };
}

async function hashPieces(
  length: number,
  fill: (target: Uint8Array, position: number) => Promise<void>,
  { threads, signal, onBytes }: HashOptions,
): Promise<Uint8Array> {
  const pieceLength = pieceLengthFor(length);
  const pieceCount = pieceCountFor(length);
  const hashes = new Uint8Array(Math.max(1, pieceCount) * HASH_LENGTH);
  if (length === 0) hashes.set(await hashPiece(new Uint8Array(0), 0, threads.hashBlocks));
  let next = 0;
  const worker = async () => {
    const memory = threads.allocate(Math.min(pieceLength, length));
    while (next < pieceCount) {
      const index = next++;
      throwIfAborted(signal);
      const { start, end } = pieceRange(index, { length, pieceLength });
      const piece = memory.subarray(0, end - start);
      try {
        await fill(piece, start);
        hashes.set(await hashPiece(piece, length, threads.hashBlocks), index * HASH_LENGTH);
      } catch (error) {
        next = pieceCount;
        throw error;
      }
      onBytes?.(end - start);
    }
  };
  const workers = Array.from({ length: Math.min(PARALLEL_PIECES, pieceCount) }, worker);
  // All must have ended before anybody closes the file.
  for (const result of await Promise.allSettled(workers)) {
    if (result.status === "rejected") throw PanalError.from(result.reason);
  }
  return hashes;
}

function changed(path: string): PanalError {
  return new PanalError("changed", `${path} was changed while it was being sent: send it again`);
}
