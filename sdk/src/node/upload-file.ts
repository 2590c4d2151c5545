import { open } from "node:fs/promises";
import { pieceLengthFor } from "../content/blocks.ts";
import { manifestOfPieces } from "../content/manifest-of-pieces.ts";
import type { Manifest } from "../content/manifest.ts";
import { pieceHash } from "../content/merkle.ts";
import { PanalError } from "../errors.ts";
import type { UploadSource } from "../transfer/upload-target.ts";
import type { HashThreads } from "./hash-threads.ts";
import { nodeHashBlocks } from "./hasher.ts";

/** Pieces that are hashed at a time: each thread has the next one at hand when it is done with one. */
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
  threads: Pick<HashThreads, "hashFile">;
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
      const { threads, signal, onBytes } = options;
      const pieceLength = pieceLengthFor(length);
      const { pairs: hashPairs } = nodeHashBlocks;
      const hashing = manifestOfPieces({
        length,
        openHasher: () => async (range) => {
          const blockHashes = await threads.hashFile(file.fd, range);
          return pieceHash(blockHashes, { pieceLength, isWholeFile: length <= pieceLength, hashPairs });
        },
        parallel: PARALLEL_PIECES,
        signal,
        onBytes,
      });
      const found = await hashing.catch((error: unknown) => {
        throw PanalError.from(error).code === "changed" ? changed(path) : error;
      });
      await check();
      return found;
    },
    async read({ start, end }, { memory }) {
      const bytes = memory().subarray(0, end - start);
      await fill(bytes, start);
      await check();
      return bytes;
    },
    close: () => file.close(),
  };
}

function changed(path: string): PanalError {
  return new PanalError("changed", `${path} was changed while it was being sent: send it again`);
}
