import { availableParallelism } from "node:os";
import { type Manifest, PanalError, manifestFromPieceHashes } from "@panal/sdk";
import { Piscina } from "piscina";
import type { HashResult, HashTask } from "./hash-worker.ts";
import type { OpenedFile } from "./open-file.ts";

/** Bytes of one task: a multiple of every piece length, and soon enough done to show progress on a slow disk. */
const TASK_BYTES = 32 * 1024 * 1024;
/** Threads cost some MiB each: they go when there is nothing to hash. */
const IDLE_TIMEOUT_MS = 10_000;

export interface HashFileOptions {
  signal: AbortSignal;
  /** Bytes done since the last call. */
  onBytes?: (bytes: number) => void;
}

export interface FileHasher {
  /** How many files keep it busy. */
  readonly parallelFiles: number;
  /**
   * The manifest of a file, which is the same before and after. Throws "changed" when it isn't, "aborted", and what
   * reading throws.
   */
  hash(file: OpenedFile, options: HashFileOptions): Promise<Manifest>;
  close(): Promise<void>;
}

/**
 * Hashes in worker threads, each of which reads by itself; one large file is spread over all of them. Memory: 1 MiB a
 * thread, and the hashes.
 */
export function createHashPool(threads = availableParallelism()): FileHasher {
  const pool = new Piscina<HashTask, HashResult>({
    filename: new URL("./hash-worker.ts", import.meta.url).href,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: IDLE_TIMEOUT_MS,
  });
  return {
    // One more, so that opening the next file doesn't leave a thread idle.
    parallelFiles: threads + 1,
    async hash(file, { signal, onBytes }) {
      const { length, fd } = file;
      const taskCount = Math.max(1, Math.ceil(length / TASK_BYTES));
      const results: Uint8Array[] = Array.from({ length: taskCount });
      let next = 0;
      const work = async () => {
        while (next < taskCount) {
          const index = next++;
          if (signal.aborted) throw new PanalError("aborted", "stopped");
          const start = index * TASK_BYTES;
          const end = Math.min(start + TASK_BYTES, length);
          const result = await pool.run({ fd, fileLength: length, start, end });
          if (result.type === "failed") {
            next = taskCount;
            throw new PanalError(result.code, `${file.path}: ${result.message}`);
          }
          results[index] = result.pieceHashes;
          onBytes?.(end - start);
        }
      };
      // All must have ended before anybody closes the file.
      const ended = await Promise.allSettled(
        Array.from({ length: Math.min(taskCount, threads + 1) }, () => work()),
      );
      for (const result of ended) if (result.status === "rejected") throw PanalError.from(result.reason);
      await file.check();
      return manifestFromPieceHashes(new Uint8Array(Buffer.concat(results)), length);
    },
    close: () => pool.destroy(),
  };
}
