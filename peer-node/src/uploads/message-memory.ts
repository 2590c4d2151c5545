import type { HashBlocks } from "@panal/sdk";
import { type HashThreads, createHashThreads, nodeHashBlocks } from "@panal/sdk/node";

/** What a call for an upload may have: 4 MiB of a file or of a piece layer, and what is around it. */
export const MAX_UPLOAD_MESSAGE_BYTES = 4 * 1024 * 1024 + 64 * 1024;
/** Shorter messages aren't worth a question to a thread, nor memory that is kept. */
const MIN_SHARED_BYTES = 256 * 1024;
/** Kept for the next messages: what two clients send at a time. */
const MAX_KEPT = 8;
/** For so long after the last one. */
const KEPT_MS = 10_000;

/** Where messages with file data are received, and how that is hashed: beside the main thread, which sees the same memory. */
export interface MessageMemory {
  /** For a message of this length, at most MAX_UPLOAD_MESSAGE_BYTES; what was in there before may still be. */
  take(lengthBytes: number): Uint8Array;
  /** Nobody reads or writes it any more. */
  giveBack(memory: Uint8Array): void;
  /** For such memory in a thread; anything else where it is called. */
  readonly hashBlocks: HashBlocks;
  close(): Promise<void>;
}

export function createMessageMemory(): MessageMemory {
  const kept: SharedArrayBuffer[] = [];
  let threads: HashThreads | undefined;
  let timer: NodeJS.Timeout | undefined;

  return {
    take(lengthBytes) {
      if (lengthBytes < MIN_SHARED_BYTES) return new Uint8Array(lengthBytes);
      // Not before there is something to hash.
      threads ??= createHashThreads();
      return new Uint8Array(kept.pop() ?? new SharedArrayBuffer(MAX_UPLOAD_MESSAGE_BYTES), 0, lengthBytes);
    },
    giveBack({ buffer }) {
      if (!(buffer instanceof SharedArrayBuffer) || kept.length >= MAX_KEPT) return;
      kept.push(buffer);
      clearTimeout(timer);
      timer = setTimeout(() => kept.splice(0), KEPT_MS).unref();
    },
    hashBlocks: Object.assign(
      (data: Uint8Array) => (threads === undefined ? nodeHashBlocks(data) : threads.hashBlocks(data)),
      { pairs: nodeHashBlocks.pairs },
    ),
    async close() {
      clearTimeout(timer);
      await threads?.close();
    },
  };
}
