import { BLOCK_LENGTH, HASH_LENGTH } from "../content/blocks.ts";
import type { HashBlocks } from "../content/merkle.ts";
import { PanalError } from "../errors.ts";
import type { HashJob, HashReply } from "./hash.worker.ts";
import { hasWebCrypto, hashBlocksHere } from "./hasher.ts";

/** What a worker gets at a time: large enough that messages don't cost, small enough that pieces are shared out. */
const PART_BYTES = 1024 * 1024;
/** Less than this is hashed before a worker has heard of it. */
const SMALL_BYTES = 64 * 1024;
/** WASM hashes some 200 MB/s on a core; more workers than four only take cores from the rest. */
const MIN_WORKERS = 2;
const MAX_WORKERS = 4;
/** A worker nobody needs for this long is ended; the next one takes a few milliseconds to start. */
const IDLE_MS = 5_000;

export interface HashWorkersOptions {
  /** Default: as many as the machine has cores, from two to four. */
  count?: number;
  /**
   * Starts `hash.worker`. For pages under Trusted Types, or whose bundler wants the URL of a worker in words of its
   * own. Default: beside this module.
   */
  start?: () => Worker;
  /** After how long without a piece the workers are ended. Default: five seconds. */
  idleMs?: number;
}

/** Hashing beside the thread that reads and writes. */
export interface HashWorkers {
  /** Takes any number of pieces at once. Hashes in this thread when workers can't be started. */
  readonly hashBlocks: HashBlocks;
  /** Ends the workers that have nothing to do; they start again when they are needed. */
  close(): void;
}

interface PartWorker {
  readonly worker: Worker;
  /** Undefined while the worker has it. */
  memory: ArrayBuffer | undefined;
}

/**
 * Workers that hash parts of pieces. Each has a buffer of 1 MiB that goes back and forth, into which a part is copied:
 * that takes a fiftieth of the time of hashing it, the piece stays where the engine needs it, and the memory is bounded
 * whatever the size of pieces. They start with the first piece and end when nobody needs them.
 */
export function createHashWorkers(options: HashWorkersOptions = {}): HashWorkers {
  const {
    count = workerCount(navigator.hardwareConcurrency),
    start = startHashWorker,
    idleMs = IDLE_MS,
  } = options;
  const workers = new Set<PartWorker>();
  const free: PartWorker[] = [];
  const waiting: ((worker: PartWorker | undefined) => void)[] = [];
  let canStart = true;
  let idleTimer: ReturnType<typeof setTimeout> | undefined;

  /** A worker with nothing to do, as soon as there is one; undefined when there are none and can be none. */
  async function acquire(): Promise<PartWorker | undefined> {
    clearTimeout(idleTimer);
    const idle = free.pop();
    if (idle !== undefined) return idle;
    if (canStart && workers.size < count) {
      try {
        const started: PartWorker = { worker: start(), memory: new ArrayBuffer(PART_BYTES) };
        workers.add(started);
        return started;
      } catch {
        // By the page's policy.
        canStart = false;
      }
    }
    if (workers.size === 0) return undefined;
    const next = Promise.withResolvers<PartWorker | undefined>();
    waiting.push(next.resolve);
    return next.promise;
  }

  function release(worker: PartWorker): void {
    const next = waiting.shift();
    if (next !== undefined) return next(worker);
    free.push(worker);
    if (free.length === workers.size) idleTimer = setTimeout(close, idleMs);
  }

  function close(): void {
    clearTimeout(idleTimer);
    for (const { worker } of free) worker.terminate();
    for (const idle of free.splice(0)) workers.delete(idle);
  }

  /** It ended, or never began: no other would fare better. */
  function discard(broken: PartWorker): void {
    broken.worker.terminate();
    workers.delete(broken);
    canStart = false;
    if (workers.size > 0) return;
    for (const resolve of waiting.splice(0)) resolve(undefined);
  }

  async function hashPart(part: Uint8Array): Promise<Uint8Array> {
    const worker = await acquire();
    if (worker === undefined) return hashBlocksHere(part);
    try {
      const blockHashes = await ask(worker, part);
      release(worker);
      return blockHashes;
    } catch {
      discard(worker);
      return hashBlocksHere(part);
    }
  }

  return {
    async hashBlocks(data) {
      if (data.length <= SMALL_BYTES) return hashBlocksHere(data);
      const hashes = new Uint8Array(Math.ceil(data.length / BLOCK_LENGTH) * HASH_LENGTH);
      const parts: Promise<void>[] = [];
      for (let at = 0; at < data.length; at += PART_BYTES) {
        const position = (at / BLOCK_LENGTH) * HASH_LENGTH;
        parts.push(hashPart(data.subarray(at, at + PART_BYTES)).then((part) => hashes.set(part, position)));
      }
      await Promise.all(parts);
      return hashes;
    },
    close,
  };
}

/**
 * SHA-256 of each 16 KiB block: by WebCrypto where it is called, since a worker for it makes nothing faster and costs
 * 140 MiB of what the reading side leaves uncollected, both measured; by WASM in workers where there is no WebCrypto.
 */
export function createBrowserHashBlocks(options: HashWorkersOptions = {}): HashBlocks {
  return hasWebCrypto() ? hashBlocksHere : createHashWorkers(options).hashBlocks;
}

let shared: HashBlocks | undefined;

/** `createBrowserHashBlocks()`, the same for all that call it. */
export const browserHashBlocks: HashBlocks = (data) => {
  shared ??= createBrowserHashBlocks();
  return shared(data);
};

/** From the cores of the machine. */
export function workerCount(cores: number): number {
  return Math.min(MAX_WORKERS, Math.max(MIN_WORKERS, cores));
}

/** Hands a part over in the worker's own buffer; rejects when the worker fails. */
function ask(of: PartWorker, part: Uint8Array): Promise<Uint8Array> {
  const { worker, memory } = of;
  if (memory === undefined) throw new PanalError("internal", "a hashing worker is asked twice");
  new Uint8Array(memory).set(part);
  of.memory = undefined;
  const reply = Promise.withResolvers<Uint8Array>();
  const answered = new AbortController();
  const { signal } = answered;
  worker.addEventListener(
    "message",
    ({ data }: MessageEvent<HashReply>) => {
      of.memory = data.memory;
      if ("error" in data) reply.reject(new PanalError("internal", data.error));
      else reply.resolve(data.blockHashes);
    },
    { signal },
  );
  worker.addEventListener(
    "error",
    (event) => {
      event.preventDefault();
      reply.reject(new PanalError("internal", "a hashing worker has failed"));
    },
    { signal },
  );
  worker.postMessage({ memory, length: part.length } satisfies HashJob, [memory]);
  return reply.promise.finally(() => answered.abort());
}

/** Bundlers look for just this form. */
function startHashWorker(): Worker {
  return new Worker(new URL("./hash.worker.ts", import.meta.url), { type: "module", name: "panal-hash" });
}
