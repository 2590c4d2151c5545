import { PanalError } from "../errors.ts";
import { backoffMs } from "../transfer/backoff.ts";
import type { Clock } from "../transfer/clock.ts";
import { readBlob } from "./read-blob.ts";

export type PushFetch = typeof globalThis.fetch;

/** Until the relay says otherwise. */
const DEFAULT_LIMITS = { partBytes: 4 * 1024 * 1024, inFlight: 4 };
/** A proxy that takes less than this takes nothing. */
const MIN_PART_BYTES = 16 * 1024;
/** Parts that are refused without a word aren't made shorter than this: proxies take 1 MiB, as they come. */
const MIN_BLIND_PART_BYTES = 256 * 1024;
/** The relay gives a part this long, and more for its length, and answers then; a connection that says nothing for longer is dead. */
const PUSH_TIMEOUT_MS = 30_000;
const SLOWEST_BYTES_PER_SECOND = 8 * 1024;
const MAX_TRIES = 8;
const MIN_RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;

/** In memory, or where a file has them: then nobody but the browser reads them. */
export type PartBytes = Uint8Array<ArrayBuffer> | Blob;

export function sizeOf(bytes: PartBytes): number {
  return bytes instanceof Blob ? bytes.size : bytes.length;
}

/** Consecutive bytes of an answer's body. */
export interface Part {
  readonly pullId: string;
  readonly offset: number;
  readonly bytes: PartBytes;
  /** With the first part. */
  readonly head?: { readonly status: number; readonly headers: Readonly<Record<string, string>> };
  readonly isEnd: boolean;
}

export type FailureWord = "busy" | "not-found" | "unreachable" | "timeout" | "internal";

/** Sends parts of answers to the relay, and knows how much it takes. */
export interface Pusher {
  limit(limits: { partBytes: number; inFlight: number }): void;
  /** Longest part that everybody on the way takes, as far as is known. */
  readonly partBytes: number;
  /** Waits for its turn; to be called with what ends it. Rejects when the signal fires. */
  turn(signal: AbortSignal): Promise<() => void>;
  /** Until it has arrived. Rejects with "not-found" when nobody waits for it any more, "changed" when its file isn't what it was. */
  push(part: Part, signal: AbortSignal): Promise<void>;
  /** Says that there will be no (whole) answer. */
  fail(pullId: string, word: FailureWord): Promise<void>;
  /** The body of a client's request that was too long to come with the pull. */
  fetchBody(pullId: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface PusherOptions {
  relayUrl: string;
  lease: () => string;
  fetch: PushFetch;
  clock: Clock;
  random: () => number;
  onPushed?: (bytes: number) => void;
}

export function createPusher({ relayUrl, lease, fetch, clock, random, onPushed }: PusherOptions): Pusher {
  let limits = DEFAULT_LIMITS;
  /** What a proxy in between turned out to take. */
  let proxyBytes = Number.POSITIVE_INFINITY;
  let inFlight = 0;
  const waiting = new Set<() => void>();

  function letNextIn(): void {
    for (const enter of waiting) {
      if (inFlight >= limits.inFlight) return;
      waiting.delete(enter);
      inFlight++;
      enter();
    }
  }

  function leave(): void {
    inFlight--;
    letNextIn();
  }

  async function post(headers: Record<string, string>, body: PartBytes, signal: AbortSignal) {
    const late = new AbortController();
    const done = new AbortController();
    const timer = clock
      .sleep(PUSH_TIMEOUT_MS + (sizeOf(body) / SLOWEST_BYTES_PER_SECOND) * 1000, done.signal)
      .then(() => late.abort(new PanalError("timeout", "a push wasn't answered")))
      .catch(() => {});
    try {
      const response = await fetch(`${relayUrl}/push`, {
        method: "POST",
        headers: { ...headers, authorization: `Bearer ${lease()}` },
        body,
        signal: AbortSignal.any([signal, late.signal]),
        redirect: "error",
        credentials: "omit",
      });
      await response.body?.cancel();
      return response.status;
    } finally {
      done.abort();
      await timer;
    }
  }

  async function pushOnce(
    part: Part,
    signal: AbortSignal,
  ): Promise<"taken" | "over" | "too-long" | "unheard" | "later"> {
    let status: number;
    try {
      status = await post(headersOf(part), part.bytes, signal);
    } catch {
      if (signal.aborted) throw PanalError.from(signal.reason, "aborted");
      return "unheard";
    }
    if (status === 204) return "taken";
    if (status === 413) return "too-long";
    // Not whole when it came, too many at once, more than was granted (the grant may be on its way): all pass.
    if (status >= 500 || status === 408 || status === 416 || status === 429) return "later";
    return "over";
  }

  /** Whether the relay answers at all. To no bytes of no pull. */
  async function doesAnswer(signal: AbortSignal): Promise<boolean> {
    try {
      await post({ "panal-pull": "none", "panal-offset": "0" }, new Uint8Array(), signal);
      return true;
    } catch {
      return false;
    }
  }

  async function push(given: Part, signal: AbortSignal): Promise<void> {
    let part = given;
    let unheardCount = 0;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const outcome = await pushOnce(part, signal);
      if (outcome !== "unheard") unheardCount = 0;
      else if (
        ++unheardCount > 1 &&
        sizeOf(part.bytes) > MIN_BLIND_PART_BYTES &&
        (await doesAnswer(signal))
      ) {
        // Pages hear nothing of a proxy's 413 but that there was no answer. So does whose line broke: not after the first time.
        return pushHalves(part, signal);
      }
      switch (outcome) {
        case "taken":
          onPushed?.(sizeOf(part.bytes));
          return;
        case "over":
          throw new PanalError("not-found", "nobody waits for this answer any more");
        case "too-long":
          return pushHalves(part, signal);
        case "unheard":
        case "later": {
          const { bytes } = part;
          // A fetch that failed doesn't say whether it was the connection, or the file, which can't be read any more: that is seen here.
          if (bytes instanceof Blob) {
            part = { ...part, bytes: await readBlob(bytes, { start: 0, end: bytes.size }) };
          }
          const waitMs = backoffMs(tries, {
            firstMs: MIN_RETRY_MS,
            maxMs: MAX_RETRY_MS,
            random: random(),
          });
          await clock.sleep(waitMs, signal);
        }
      }
    }
    throw new PanalError("unreachable", "the relay doesn't take what is pushed");
  }

  async function pushHalves(part: Part, signal: AbortSignal): Promise<void> {
    const { bytes, offset, head, isEnd, pullId } = part;
    const size = sizeOf(bytes);
    const half = Math.ceil(size / 2);
    if (half < MIN_PART_BYTES) {
      throw new PanalError("too-large", `${size} bytes at once are too much for what is before the relay`);
    }
    proxyBytes = Math.min(proxyBytes, half);
    const piece = (from: number, to: number) =>
      bytes instanceof Blob ? bytes.slice(from, to) : bytes.subarray(from, to);
    await push({ pullId, offset, bytes: piece(0, half), isEnd: false, ...(head && { head }) }, signal);
    await push({ pullId, offset: offset + half, bytes: piece(half, size), isEnd }, signal);
  }

  return {
    limit({ partBytes, inFlight: most }) {
      limits = { partBytes: Math.max(MIN_PART_BYTES, partBytes), inFlight: Math.max(1, most) };
      letNextIn();
    },
    get partBytes() {
      return Math.min(limits.partBytes, proxyBytes);
    },
    async turn(signal) {
      if (signal.aborted) throw PanalError.from(signal.reason, "aborted");
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting.add(resolve);
      const stop = () => {
        if (waiting.delete(resolve)) reject(PanalError.from(signal.reason, "aborted"));
      };
      signal.addEventListener("abort", stop, { once: true });
      letNextIn();
      try {
        await promise;
      } finally {
        signal.removeEventListener("abort", stop);
      }
      return leave;
    },
    push,
    async fail(pullId, word) {
      try {
        await post(
          { "panal-pull": pullId, "panal-error": word },
          new Uint8Array(),
          new AbortController().signal,
        );
      } catch {
        // The relay finds out by itself: nothing comes.
      }
    },
    async *fetchBody(pullId, signal) {
      const response = await fetch(`${relayUrl}/pull-body`, {
        headers: { authorization: `Bearer ${lease()}`, "panal-pull": pullId },
        signal,
        redirect: "error",
        credentials: "omit",
        cache: "no-store",
      });
      if (response.status !== 200 || response.body === null) {
        throw new PanalError("unreachable", `the body of a request: the relay answered ${response.status}`);
      }
      // Not every browser lets its streams be iterated.
      const reader = response.body.getReader();
      try {
        for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
      } finally {
        await reader.cancel().catch(() => {});
      }
    },
  };
}

function headersOf({ pullId, offset, head, isEnd }: Part): Record<string, string> {
  return {
    // A body of bytes has no type by itself, and proxies like one.
    "content-type": "application/octet-stream",
    "panal-pull": pullId,
    "panal-offset": String(offset),
    ...(head === undefined ? {} : { "panal-head": asciiJson(head) }),
    ...(isEnd ? { "panal-end": "1" } : {}),
  };
}

/** Headers of HTTP are no place for anything else. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
