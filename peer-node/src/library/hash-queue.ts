import { type Clock, type Manifest, PanalError } from "@panal/sdk";
import { type FileStamp, type StampedFile, isSameStamp, mtimeMsOf } from "./file-stamp.ts";
import { type FileHasher, MAX_SMALL_BYTES } from "./hash-pool.ts";
import { openShared } from "./open-file.ts";

/**
 * A file is hashed when it was left alone for this long: whoever writes it is done, and any later change gets another
 * time stamp (file systems count in steps of some milliseconds).
 */
const SETTLE_MS = 300;
/** Small files that are hashed with one task: a task costs more than such a file, and its results are taken at one go. */
const BATCH_FILES = 200;
const BATCH_BYTES = 8 * 1024 * 1024;

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

interface Job extends StampedFile {
  /** While it can be stopped: it waits for its file to be left alone, or is a large one that is being hashed. */
  controller: AbortController | undefined;
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
  let ready: Job[] = [];
  /** Where in `ready` the next one is. Taking out the first of a hundred thousand moves all others each time. */
  let nextReady = 0;
  const running = new Set<Promise<void>>();
  const closing = new AbortController();
  let waiters: (() => void)[] = [];
  let totals = { filesDone: 0, filesTotal: 0, bytesDone: 0, bytesTotal: 0 };

  function start(): void {
    while (running.size < hasher.parallelFiles && !closing.signal.aborted) {
      const batch = nextBatch();
      if (batch.length === 0) return;
      const run = work(batch).finally(() => {
        running.delete(run);
        start();
      });
      running.add(run);
    }
  }

  /** A large file, or as many small ones as go together; empty when nothing is ready. */
  function nextBatch(): Job[] {
    const batch: Job[] = [];
    let bytes = 0;
    for (; nextReady < ready.length; nextReady++) {
      const job = ready[nextReady]!;
      if (!isCurrent(job)) continue;
      const { size } = job.stamp;
      const goesWithOthers = hasher.hashSmall !== undefined && size <= MAX_SMALL_BYTES;
      if (batch.length > 0 && !goesWithOthers) return batch;
      batch.push(job);
      bytes += size;
      if (!goesWithOthers || batch.length === BATCH_FILES || bytes >= BATCH_BYTES) {
        nextReady++;
        return batch;
      }
    }
    ready = [];
    nextReady = 0;
    return batch;
  }

  /** Neither dropped nor replaced. */
  function isCurrent(job: Job): boolean {
    return jobs.get(job.path) === job;
  }

  async function work(batch: readonly Job[]): Promise<void> {
    const isSmall = batch.every(({ stamp }) => stamp.size <= MAX_SMALL_BYTES);
    const results = await (
      isSmall && hasher.hashSmall !== undefined
        ? hasher.hashSmall(
            batch.map(({ path, stamp }) => ({ path, stamp })),
            { root, signal: closing.signal },
          )
        : Promise.all(batch.map(hashOne))
    ).catch((error: unknown) => batch.map(() => PanalError.from(error)));
    for (const [index, job] of batch.entries()) settle(job, results[index]!);
  }

  async function hashOne(job: Job): Promise<Manifest> {
    job.controller = new AbortController();
    const signal = AbortSignal.any([closing.signal, job.controller.signal]);
    const file = await openShared({ root, path: job.path, stamp: job.stamp });
    try {
      return await hasher.hash(file, {
        signal,
        onBytes: (bytes) => {
          job.bytesDone += bytes;
          if (isCurrent(job)) totals.bytesDone += bytes;
        },
      });
    } finally {
      await file.close();
    }
  }

  function settle(job: Job, result: Manifest | PanalError): void {
    if (!isCurrent(job)) return;
    try {
      if (!(result instanceof PanalError)) options.onHashed(job.path, job.stamp, result);
      else if (!closing.signal.aborted) options.onFailed(job.path, result);
    } catch (error) {
      if (!closing.signal.aborted) options.onFailed(job.path, PanalError.from(error));
    } finally {
      if (isCurrent(job)) finish(job);
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
    job.controller?.abort();
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
      const job: Job = { path, stamp, controller: undefined, bytesDone: 0 };
      totals.filesTotal++;
      totals.bytesTotal += stamp.size;
      jobs.set(path, job);
      if (old !== undefined) {
        old.controller?.abort();
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
      job.controller = new AbortController();
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
