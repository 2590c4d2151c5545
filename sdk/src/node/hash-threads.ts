import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { ByteRange } from "../content/blocks.ts";
import type { HashBlocks } from "../content/merkle.ts";
import { PanalError } from "../errors.ts";
import type { HashJob, HashReply } from "./hash-thread.ts";
import { nodeHashBlocks } from "./hasher.ts";
import { threadScript } from "./thread-script.ts";

/** One thread hashes faster than a network brings bytes; the second is for what local disks and loopback bring. */
export const MAX_HASH_THREADS = 2;

/** Hashing beside the main thread, which is then free to read and write. Must be closed. */
export interface HashThreads {
  /** For memory of `allocate` in a thread, without copying; anything else where it is called. */
  readonly hashBlocks: HashBlocks;
  /**
   * Hashes the blocks of a stretch of an open file, which a thread reads by itself; the file must stay open until then. Throws "changed" when it is
   * shorter, and what reading throws.
   */
  hashFile(fd: number, range: ByteRange): Promise<Uint8Array>;
  /** Memory the threads can see: what `download` takes as `allocate`. */
  allocate(lengthBytes: number): Uint8Array;
  close(): Promise<void>;
}

/** Starts the threads, as many as there are spare cores, at least one and at most two. */
export function createHashThreads(
  count = Math.min(MAX_HASH_THREADS, availableParallelism() - 1),
): HashThreads {
  const script = threadScript("hash-thread", import.meta.url);
  const waiting = new Map<number, PromiseWithResolvers<Uint8Array>>();
  let nextId = 0;

  const workers = Array.from({ length: Math.max(1, count) }, () => {
    // Flags of the script that calls us (`--input-type`, `--eval`) are not for this one.
    const worker = new Worker(script, { execArgv: [] });
    // A download that was given up must not keep the process alive.
    worker.unref();
    worker.on("message", (reply: HashReply) => {
      const asked = waiting.get(reply.id);
      waiting.delete(reply.id);
      if ("failure" in reply) asked?.reject(new PanalError(reply.failure.code, reply.failure.message));
      else asked?.resolve(reply.blockHashes);
    });
    const end = (cause?: unknown) => {
      for (const { reject } of waiting.values()) {
        reject(new PanalError("internal", "a hashing thread has ended", { cause }));
      }
      waiting.clear();
    };
    worker.on("error", end);
    worker.on("exit", () => end());
    return worker;
  });

  function hashInThread(data: Uint8Array): Promise<Uint8Array> | Uint8Array {
    const { buffer, byteOffset, byteLength } = data;
    if (!(buffer instanceof SharedArrayBuffer)) return nodeHashBlocks(data);
    return ask((id) => ({ id, memory: buffer, start: byteOffset, length: byteLength }));
  }

  function ask(jobOf: (id: number) => HashJob): Promise<Uint8Array> {
    const reply = Promise.withResolvers<Uint8Array>();
    const id = nextId++;
    waiting.set(id, reply);
    workers[id % workers.length]!.postMessage(jobOf(id));
    return reply.promise;
  }

  return {
    hashBlocks: Object.assign(hashInThread, { pairs: nodeHashBlocks.pairs }),
    hashFile: (fd, { start, end }) => ask((id) => ({ id, fd, start, length: end - start })),
    allocate: (lengthBytes) => new Uint8Array(new SharedArrayBuffer(lengthBytes)),
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
