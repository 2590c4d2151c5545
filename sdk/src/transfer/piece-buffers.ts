import { throwIfAborted } from "../errors.ts";

/**
 * All memory a download spends on file data, whatever the file's size: pieces being received, checked or written.
 * At the largest piece length these are six pieces, at the smallest `MAX_BUFFERS`.
 */
const MAX_BUFFERED_BYTES = 96 * 1024 * 1024;
const MAX_BUFFERS = 24;

/** A bounded pool of buffers of one piece each, made as they are needed and used again. */
export interface PieceBuffers {
  /** Number of buffers that may be out at a time; at least 2. */
  readonly count: number;
  /** A free one, if there is one. */
  tryAcquire(): Uint8Array | undefined;
  /** Waits for a free one. Rejects with "aborted". */
  acquire(signal: AbortSignal): Promise<Uint8Array>;
  release(buffer: Uint8Array): void;
}

export function createPieceBuffers(
  pieceLength: number,
  allocate: (lengthBytes: number) => Uint8Array = (lengthBytes) => new Uint8Array(lengthBytes),
): PieceBuffers {
  const count = Math.min(MAX_BUFFERS, Math.max(2, Math.floor(MAX_BUFFERED_BYTES / pieceLength)));
  const free: Uint8Array[] = [];
  const waiting = new Set<(buffer: Uint8Array) => void>();
  let made = 0;

  function tryAcquire(): Uint8Array | undefined {
    const buffer = free.pop();
    if (buffer !== undefined || made >= count) return buffer;
    made++;
    return allocate(pieceLength);
  }

  return {
    count,
    tryAcquire,
    async acquire(signal) {
      throwIfAborted(signal);
      const buffer = tryAcquire();
      if (buffer !== undefined) return buffer;
      const handedOver = Promise.withResolvers<Uint8Array>();
      const stop = () => {
        waiting.delete(handedOver.resolve);
        try {
          throwIfAborted(signal);
        } catch (error) {
          handedOver.reject(error);
        }
      };
      waiting.add(handedOver.resolve);
      signal.addEventListener("abort", stop, { once: true });
      try {
        return await handedOver.promise;
      } finally {
        signal.removeEventListener("abort", stop);
      }
    },
    release(buffer) {
      const [next] = waiting;
      if (next === undefined) {
        free.push(buffer);
        return;
      }
      waiting.delete(next);
      next(buffer);
    },
  };
}
