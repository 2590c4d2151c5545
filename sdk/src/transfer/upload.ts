import { BLOCK_LENGTH, type ByteRange } from "../content/blocks.ts";
import { missingBytesOf } from "../content/piece-set.ts";
import { PanalError, throwIfAborted } from "../errors.ts";
import { backoffMs } from "./backoff.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { PauseSwitch } from "./pause-switch.ts";
import { uploadParts } from "./upload-parts.ts";
import type { UploadFile, UploadSource, UploadTarget } from "./upload-target.ts";

/** What a peer takes at once; proxies may take less, which is then found out. */
const MAX_PART_BYTES = 4 * 1024 * 1024;
/** Enough to fill a line with a round trip. Memory: this times the length of a part, for each target. */
const DEFAULT_PARALLEL = 4;
const MIN_RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;
/** A target that takes nothing for so long is given up; asked again another day, the upload goes on. */
const DEFAULT_PATIENCE_MS = 120_000;
/** Parts that are refused without a word aren't made shorter than this: proxies take 1 MiB, as they come. */
const MIN_BLIND_PART_BYTES = 256 * 1024;
/** What got through to a target, for its next file. */
const knownPartBytes = new WeakMap<UploadTarget, number>();
/** A piece that is refused as often isn't what was hashed. */
const MAX_CORRUPT = 3;

export interface UploadOptions extends UploadFile {
  source: UploadSource;
  /** Each gets the whole file; what one of them does doesn't matter to the others. */
  targets: readonly UploadTarget[];
  /** Parts on the way to each target at a time. */
  parallel?: number;
  pause?: PauseSwitch;
  patienceMs?: number;
  clock?: Clock;
  /** 0 to 1. */
  random?: () => number;
  signal?: AbortSignal;
  onEvent?: (event: UploadEvent) => void;
}

/** What an upload tells while it runs: plain data, structured-cloneable. */
export type UploadEvent =
  /** `bytes` of the file are at the target, `resumedBytes` of them from before. */
  | { type: "progress"; targetId: string; bytes: number; resumedBytes: number }
  /** It doesn't take anything at the moment; tried again after `retryInMs`. */
  | { type: "waiting"; targetId: string; name: string; reason: string; retryInMs: number }
  | { type: "finished"; outcome: UploadOutcome };

/** How it went with one target. */
export type UploadOutcome = {
  readonly targetId: string;
  readonly name: string;
  readonly sentBytes: number;
} & (
  | { readonly state: "sent" | "there"; readonly path: string }
  | { readonly state: "failed"; readonly code: PanalError["code"]; readonly reason: string }
);

/**
 * Sends one file to all targets, and goes on by itself when one of them is away for a while. Gives how it went with each, in their
 * order; throws "aborted" only.
 */
export async function upload(options: UploadOptions): Promise<readonly UploadOutcome[]> {
  const signal = options.signal ?? new AbortController().signal;
  const outcomes = await Promise.all(
    options.targets.map(async (target) => {
      const outcome = await sendTo(target, { ...options, signal });
      options.onEvent?.({ type: "finished", outcome });
      return outcome;
    }),
  );
  throwIfAborted(signal);
  return outcomes;
}

interface SendOptions extends UploadOptions {
  signal: AbortSignal;
}

/** What is found out on the way to one target. */
interface Way {
  /** Longest part that everybody on it takes, as far as is known. */
  partBytes: number;
  sentBytes: number;
  corruptCount: number;
  /** Whether the target answered, this time. */
  hasBegun: boolean;
  /** Times in a row that it did, and no part got through. */
  emptyCount: number;
}

async function sendTo(target: UploadTarget, options: SendOptions): Promise<UploadOutcome> {
  const { clock = systemClock, random = Math.random, patienceMs = DEFAULT_PATIENCE_MS, signal } = options;
  const way: Way = {
    partBytes: knownPartBytes.get(target) ?? MAX_PART_BYTES,
    sentBytes: 0,
    corruptCount: 0,
    hasBegun: false,
    emptyCount: 0,
  };
  const who = { targetId: target.id, name: target.name };
  let failures = 0;
  let failingSinceMs: number | undefined;
  for (;;) {
    const sentBefore = way.sentBytes;
    way.hasBegun = false;
    try {
      const { state, path } = await attempt(target, options, way);
      if (way.partBytes < MAX_PART_BYTES) knownPartBytes.set(target, way.partBytes);
      return { ...who, sentBytes: way.sentBytes, state, path };
    } catch (error) {
      const { code, message } = PanalError.from(error);
      if (way.sentBytes > sentBefore) {
        failures = 0;
        failingSinceMs = undefined;
        way.emptyCount = 0;
      } else if (code === "unreachable" && way.hasBegun && ++way.emptyCount > 1) {
        // Pages hear nothing of a proxy's 413 but that there was no answer. So does whose line broke: not after the first time.
        if (way.partBytes > MIN_BLIND_PART_BYTES) {
          way.partBytes = wholeBlocks(Math.max(MIN_BLIND_PART_BYTES, way.partBytes / 2));
          failures = 0;
        }
      }
      failingSinceMs ??= clock.now();
      const isHopeless = clock.now() - failingSinceMs > patienceMs || !mayPass(code, way);
      if (isHopeless || signal.aborted) {
        return { ...who, sentBytes: way.sentBytes, state: "failed", code, reason: message };
      }
      const retryInMs = backoffMs(failures++, {
        firstMs: MIN_RETRY_MS,
        maxMs: MAX_RETRY_MS,
        random: random(),
      });
      options.onEvent?.({
        type: "waiting",
        targetId: target.id,
        name: target.name,
        reason: message,
        retryInMs,
      });
      await clock.sleep(retryInMs, signal).catch(() => {});
    }
  }
}

function wholeBlocks(bytes: number): number {
  return Math.floor(bytes / BLOCK_LENGTH) * BLOCK_LENGTH;
}

/** Whether the same may go well later. "not-found": the target has forgotten the upload, and is asked anew. */
function mayPass(code: PanalError["code"], way: Way): boolean {
  if (code === "corrupt") return ++way.corruptCount < MAX_CORRUPT;
  return code === "unreachable" || code === "timeout" || code === "not-found";
}

async function attempt(
  target: UploadTarget,
  options: SendOptions,
  way: Way,
): Promise<{ state: "sent" | "there"; path: string }> {
  const { manifest, source, pause, parallel = DEFAULT_PARALLEL, onEvent } = options;
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  await pause?.whenRunning(signal);
  const begun = await target.begin(options, { signal });
  if (begun.type === "there") return { state: "there", path: begun.path };
  const { uploadId, missing } = begun;
  way.hasBegun = true;

  // What is in none of the missing pieces is there.
  const resumedBytes = missingBytesOf(manifest, missing);
  let bytes = resumedBytes;
  const tell = () => onEvent?.({ type: "progress", targetId: target.id, bytes, resumedBytes });
  tell();

  async function send({ start, end }: ByteRange, memory: () => Uint8Array<ArrayBuffer>): Promise<void> {
    for (let at = start; at < end;) {
      await pause?.whenRunning(signal);
      const until = Math.min(end, at + way.partBytes);
      const data = await source.read({ start: at, end: until }, { signal, memory });
      try {
        const { pieceLength } = manifest;
        await target.put(uploadId, { start: at, end: until, pieceLength, data }, { signal });
      } catch (error) {
        if (!signal.aborted) await source.check?.({ start: at, end: until });
        const { code } = PanalError.from(error);
        if (code !== "too-large" && code !== "timeout") throw error;
        // What doesn't get through, or not in time, may do so in smaller parts.
        const partBytes = wholeBlocks((until - at) / 2);
        if (partBytes < BLOCK_LENGTH) throw error;
        way.partBytes = Math.min(way.partBytes, partBytes);
        if (code === "timeout") throw error;
        continue;
      }
      way.sentBytes += until - at;
      bytes += until - at;
      at = until;
      tell();
    }
  }

  const parts = uploadParts(missing, manifest, way.partBytes);
  const worker = async () => {
    // The same for each part: to take it anew costs more than to read into it.
    let taken: Uint8Array<ArrayBuffer> | undefined;
    const memory = () => (taken ??= new Uint8Array(Math.min(MAX_PART_BYTES, manifest.length)));
    for (const part of parts) await send(part, memory);
  };
  // The first failure ends the others; all have ended before anybody begins anew.
  const failures: unknown[] = [];
  await Promise.all(
    Array.from({ length: parallel }, () =>
      worker().catch((error: unknown) => {
        failures.push(error);
        ending.abort();
      }),
    ),
  );
  if (failures.length > 0) throw failures[0];
  try {
    return { state: "sent", path: await target.commit(uploadId, { signal }) };
  } catch (error) {
    const { code, message } = PanalError.from(error);
    // It misses pieces that it took: asked again, it says which.
    throw code === "invalid" ? new PanalError("unreachable", message, { cause: error }) : error;
  }
}
