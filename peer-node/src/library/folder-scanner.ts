import { Worker } from "node:worker_threads";
import { PanalError, throwIfAborted } from "@panal/sdk";
import { threadScript } from "@panal/sdk/node";
import type { Found, ScanOptions } from "./scan.ts";
import type { FileColumns, ScanReply, ScanRequest } from "./scan-thread.ts";

/** Looks through folders in a thread of its own, so that a slow disk or a large share keeps nobody else waiting. */
export interface FolderScanner {
  /**
   * What `scan` finds, some hundred at a time; the next ones are read meanwhile. One scan at a time: another one ends
   * those before. Throws what `scan` throws, and "aborted".
   */
  scan(options: ScanOptions, signal: AbortSignal): AsyncGenerator<readonly Found[]>;
  close(): Promise<void>;
}

/** MiB of short-lived objects before they are cleared away; the default grows to some 30. */
const YOUNG_GENERATION_MB = 8;

/** Starts the thread, which keeps the process alive only during a scan. */
export function createFolderScanner(): FolderScanner {
  const waiting = new Map<number, PromiseWithResolvers<ScanReply>>();
  let worker: Worker | undefined = start();
  let nextId = 0;
  let isClosed = false;

  function start(): Worker {
    const started = new Worker(threadScript("scan-thread", import.meta.url), {
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    started.unref();
    started.on("message", (reply: ScanReply) => {
      waiting.get(reply.id)?.resolve(reply);
      waiting.delete(reply.id);
      if (waiting.size === 0) started.unref();
    });
    const end = (cause?: unknown) => {
      // After an error comes the exit, and by then another thread may be at work.
      if (worker !== started) return;
      worker = undefined;
      const [code, message] = isClosed
        ? (["aborted", "stopped"] as const)
        : (["internal", "the thread that reads folders has ended"] as const);
      for (const { reject } of waiting.values()) reject(new PanalError(code, message, { cause }));
      waiting.clear();
    };
    started.on("error", end);
    started.on("exit", () => end());
    return started;
  }

  function ask(begin?: ScanOptions): Promise<ScanReply> {
    if (isClosed) throw new PanalError("aborted", "stopped");
    worker ??= start();
    const reply = Promise.withResolvers<ScanReply>();
    // It may be of a scan that nobody follows any more.
    reply.promise.catch(() => {});
    const id = nextId++;
    waiting.set(id, reply);
    worker.ref();
    worker.postMessage({ id, ...(begin === undefined ? {} : { begin }) } satisfies ScanRequest);
    return reply.promise;
  }

  return {
    async *scan(options, signal) {
      throwIfAborted(signal);
      let next: Promise<ScanReply> | undefined = ask(options);
      while (next !== undefined) {
        const reply: ScanReply = await next;
        throwIfAborted(signal);
        if (reply.type === "failed") throw new PanalError(reply.code, reply.message);
        next = reply.isLast ? undefined : ask();
        yield [...filesOf(reply.files), ...reply.skipped];
      }
    },
    async close() {
      isClosed = true;
      await worker?.terminate();
    },
  };
}

function filesOf({ paths, sizes, mtimesNs, inos, devs }: FileColumns): Found[] {
  return paths.map((path, i) => ({
    type: "file",
    path,
    stamp: { size: sizes[i]!, mtimeNs: mtimesNs[i]!, ino: inos[i]!, dev: devs[i]! },
  }));
}
