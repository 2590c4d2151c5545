import { availableParallelism } from "node:os";
import { HASH_LENGTH, type Manifest, PanalError, manifestFromPieceHashes, throwIfAborted } from "@panal/sdk";
import { threadScript } from "@panal/sdk/node";
import { Piscina } from "piscina";
import type { StampedFile } from "./file-stamp.ts";
import type { HashResult, HashTask } from "./hash-worker.ts";
import type { OpenedFile } from "./open-file.ts";

/** Bytes of one task: a multiple of every piece length, and soon enough done to show progress on a slow disk. */
const TASK_BYTES = 32 * 1024 * 1024;
/** A thread always has the next task at hand: it doesn't idle until this one, with much else to do, has sent another. */
const TASKS_PER_THREAD = 2;
/** Up to this a file has one piece and is read at once. */
export const MAX_SMALL_BYTES = 1024 * 1024;
/** Threads cost some MiB each: they go when there is nothing to hash. */
const IDLE_TIMEOUT_MS = 10_000;
/** Of short-lived objects in each thread, before they are cleared away; the default grows to some 30. */
const YOUNG_GENERATION_MB = 8;

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
  /**
   * The same for many small files (at most MAX_SMALL_BYTES each) with one task for a thread: the manifest of each, or
   * why there is none. A hasher without it gets them one by one.
   */
  hashSmall?(
    files: readonly StampedFile[],
    options: { root: string; signal: AbortSignal },
  ): Promise<(Manifest | PanalError)[]>;
  close(): Promise<void>;
}

/**
 * Hashes in worker threads, each of which reads by itself; one large file is spread over all of them. Memory: 1 MiB a
 * thread, and the hashes.
 */
export function createHashPool(threads = availableParallelism()): FileHasher {
  const pool = new Piscina<HashTask, HashResult>({
    filename: threadScript("hash-worker", import.meta.url).href,
    minThreads: 0,
    maxThreads: threads,
    concurrentTasksPerWorker: TASKS_PER_THREAD,
    idleTimeout: IDLE_TIMEOUT_MS,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const tasks = threads * TASKS_PER_THREAD;
  return {
    parallelFiles: tasks,
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
          const { hashes, failures } = await pool.run({ type: "pieces", fd, fileLength: length, start, end });
          for (const { code, message } of failures.values()) {
            next = taskCount;
            throw new PanalError(code, `${file.path}: ${message}`);
          }
          results[index] = hashes;
          onBytes?.(end - start);
        }
      };
      // All must have ended before anybody closes the file.
      const ended = await Promise.allSettled(
        Array.from({ length: Math.min(taskCount, tasks) }, () => work()),
      );
      for (const result of ended) if (result.status === "rejected") throw PanalError.from(result.reason);
      await file.check();
      return manifestFromPieceHashes(new Uint8Array(Buffer.concat(results)), length);
    },
    async hashSmall(files, { root, signal }) {
      throwIfAborted(signal);
      const { hashes, failures } = await pool.run({ type: "files", root, files });
      return files.map(({ path, stamp }, index) => {
        const failure = failures.get(index);
        if (failure !== undefined) return new PanalError(failure.code, `${path}: ${failure.message}`);
        const start = index * HASH_LENGTH;
        return manifestFromPieceHashes(hashes.subarray(start, start + HASH_LENGTH), stamp.size);
      });
    },
    close: () => pool.destroy(),
  };
}
