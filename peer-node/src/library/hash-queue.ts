import { type Clock, type Manifest, PanalError } from "@panal/sdk";
import { type FileStamp, isSameStamp, mtimeMsOf } from "./file-stamp.ts";
import type { FileHasher } from "./hash-pool.ts";
import { openShared } from "./open-file.ts";

/**
 * A file is hashed when it was left alone for this long: whoever writes it is done, and any later change gets another
 * time stamp (file systems count in steps of some milliseconds).
 */
const SETTLE_MS = 300;

export interface HashQueueOptions {
  /** Real path of the share. */
  root: string;
  hasher: FileHasher;
  clock: Clock;
  /** Milliseconds since 1970, by the clock that stamps files. */
  now: () => number;
  onHashed: (path: string, stamp: FileStamp, manifest: Manifest) => void;
  /** "changed" and "not-found" mean: look again. */
  onFailed: (path: string, error: PanalError) => void;
}

/** Of everything queued since the queue was last empty. */
export interface HashProgress {
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

interface Job {
  readonly path: string;
  readonly stamp: FileStamp;
  readonly controller: AbortController;
  bytesDone: number;
}

export interface HashQueue {
  readonly isEmpty: boolean;
  /** Undefined when there is nothing to do. */
  readonly progress: HashProgress | undefined;
  has(path: string): boolean;
  /** Hashes the file at this path, once; with another stamp than before, it begins anew. */
  add(path: string, stamp: FileStamp): void;
  /** The file isn't there any more. */
  drop(path: string): void;
  /** The paths in a folder and below, or that path. */
  below(path: string): string[];
  /** Settles when the queue is empty. */
  whenEmpty(): Promise<void>;
  close(): Promise<void>;
}

/** Hashes files one after the other, as many at a time as keep the hasher busy. */
export function createHashQueue(options: HashQueueOptions): HashQueue {
  const { root, hasher, clock } = options;
  /** Waiting and running ones. */
  const jobs = new Map<string, Job>();
  const ready: Job[] = [];
  const running = new Set<Promise<void>>();
  const closing = new AbortController();
  let waiters: (() => void)[] = [];
  let totals = { filesDone: 0, filesTotal: 0, bytesDone: 0, bytesTotal: 0 };

  function start(): void {
    while (running.size < hasher.parallelFiles && !closing.signal.aborted) {
      const job = ready.shift();
      if (job === undefined) return;
      if (jobs.get(job.path) !== job) continue;
      const run = work(job).finally(() => {
        running.delete(run);
        start();
      });
      running.add(run);
    }
  }

  async function work(job: Job): Promise<void> {
    const signal = AbortSignal.any([closing.signal, job.controller.signal]);
    try {
      const file = await openShared({ root, path: job.path, stamp: job.stamp });
      let manifest: Manifest;
      try {
        manifest = await hasher.hash(file, {
          signal,
          onBytes: (bytes) => {
            job.bytesDone += bytes;
            if (jobs.get(job.path) === job) totals.bytesDone += bytes;
          },
        });
      } finally {
        await file.close();
      }
      if (jobs.get(job.path) === job) options.onHashed(job.path, job.stamp, manifest);
    } catch (error) {
      if (jobs.get(job.path) === job && !closing.signal.aborted) {
        options.onFailed(job.path, PanalError.from(error));
      }
    } finally {
      if (jobs.get(job.path) === job) finish(job);
    }
  }

  function finish(job: Job): void {
    jobs.delete(job.path);
    totals.filesDone++;
    totals.bytesDone += job.stamp.size - job.bytesDone;
    if (jobs.size > 0) return;
    totals = { filesDone: 0, filesTotal: 0, bytesDone: 0, bytesTotal: 0 };
    for (const resolve of waiters.splice(0)) resolve();
  }

  function drop(path: string): void {
    const job = jobs.get(path);
    if (job === undefined) return;
    job.controller.abort();
    finish(job);
  }

  return {
    get isEmpty() {
      return jobs.size === 0;
    },
    get progress() {
      return jobs.size === 0 ? undefined : totals;
    },
    has: (path) => jobs.has(path),
    add(path, stamp) {
      const old = jobs.get(path);
      if (closing.signal.aborted || (old !== undefined && isSameStamp(old.stamp, stamp))) return;
      const job: Job = { path, stamp, controller: new AbortController(), bytesDone: 0 };
      totals.filesTotal++;
      totals.bytesTotal += stamp.size;
      jobs.set(path, job);
      if (old !== undefined) {
        old.controller.abort();
        totals.filesDone++;
        totals.bytesDone += old.stamp.size - old.bytesDone;
      }
      const waitMs = mtimeMsOf(stamp) + SETTLE_MS - options.now();
      if (waitMs <= 0 || waitMs > SETTLE_MS) {
        // Long ago, or a time in the future, which says nothing.
        ready.push(job);
        start();
        return;
      }
      void clock.sleep(waitMs, AbortSignal.any([closing.signal, job.controller.signal])).then(
        () => {
          ready.push(job);
          start();
        },
        () => {},
      );
    },
    drop,
    below(path) {
      if (path === "") return [...jobs.keys()];
      return [...jobs.keys()].filter((each) => each === path || each.startsWith(`${path}/`));
    },
    whenEmpty: () => (jobs.size === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
    async close() {
      closing.abort();
      await Promise.allSettled(running);
      jobs.clear();
      for (const resolve of waiters.splice(0)) resolve();
      waiters = [];
    },
  };
}
