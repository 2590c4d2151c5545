import type { PanalError } from "../errors.ts";
import type { Clock } from "../transfer/clock.ts";
import type { FileBody } from "./answer-pull.ts";
import type { PartBytes } from "./push-parts.ts";

/** What has come goes, when nothing more came for so long: a body may be slow, and its client waits. */
const FLUSH_MS = 250;

/** Cuts a body into parts. One reader, one call at a time. */
export interface PartReader {
  /** Settles when there are bytes to take, or it is known that there are none. */
  hasMore(): Promise<boolean>;
  /** Up to so many, in memory of their own: fewer at the end, and when the body keeps its reader waiting. */
  take(maxBytes: number): Promise<PartBytes>;
  /** Whether it is known that nothing more comes. */
  readonly isDone: boolean;
  /** Ends the body: with what it ended too early by. */
  close(error?: PanalError): Promise<void>;
}

export function createPartReader(body: AsyncIterable<Uint8Array>, clock: Clock): PartReader {
  const iterator = body[Symbol.asyncIterator]();
  /** Of the last chunk, what isn't taken. */
  let rest = new Uint8Array();
  let asked: Promise<boolean> | undefined;
  let isOver = false;

  async function ask(): Promise<boolean> {
    while (rest.length === 0 && !isOver) {
      const { done, value } = await iterator.next();
      if (done === true) isOver = true;
      else rest = value as Uint8Array<ArrayBuffer>;
    }
    return rest.length > 0;
  }

  function hasMore(): Promise<boolean> {
    if (rest.length > 0 || isOver) return Promise.resolve(rest.length > 0);
    asked ??= ask().finally(() => {
      asked = undefined;
    });
    return asked;
  }

  return {
    hasMore,
    async take(maxBytes) {
      const bytes = new Uint8Array(maxBytes);
      const waiting = new AbortController();
      const late = clock.sleep(FLUSH_MS, waiting.signal).then(
        () => false,
        () => false,
      );
      let filled = 0;
      try {
        while (filled < maxBytes) {
          // One that has nothing at all is waited for.
          const isThere = await (filled === 0 ? hasMore() : Promise.race([hasMore(), late]));
          if (!isThere) break;
          const chunk = rest.subarray(0, maxBytes - filled);
          bytes.set(chunk, filled);
          filled += chunk.length;
          rest = rest.subarray(chunk.length);
        }
      } finally {
        waiting.abort();
      }
      return filled === maxBytes ? bytes : bytes.slice(0, filled);
    },
    get isDone() {
      return isOver && rest.length === 0;
    },
    async close() {
      // Who was asked before isn't waited for: it may be what hangs.
      asked?.catch(() => {});
      const returned = iterator.return?.();
      if (asked === undefined) await returned?.catch(() => {});
      else returned?.catch(() => {});
    },
  };
}

/** The same of a file: what is taken of it is read by who sends it. */
export function createBlobReader({ blob, onTaken, onEnd }: FileBody): PartReader {
  let at = 0;
  return {
    hasMore: async () => at < blob.size,
    async take(maxBytes) {
      const part = blob.slice(at, at + maxBytes);
      at += part.size;
      onTaken(part.size);
      return part;
    },
    get isDone() {
      return at === blob.size;
    },
    close: async (error) => onEnd(error),
  };
}
