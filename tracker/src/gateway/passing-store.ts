import { type ByteRange, type PanalError, PieceSet } from "@panal/sdk";
import type { Reading, Store } from "@panal/sdk/transfer";

/** How far ahead of the client a file is fetched; two pieces in any case, where those are longer. */
const AHEAD_BYTES = 16 * 1024 * 1024;

/** Verified pieces on their way to somebody who reads one stretch of a file, once, from its start to its end. */
export interface PassingStore {
  readonly store: Store;
  /** For the engine: what is wanted next, and nothing else. */
  readonly reading: Reading;
  /** Nothing more comes, and why. */
  fail(error: PanalError): void;
  /** The bytes from where the last ones ended, each piece forgotten once it was given; undefined at the end. */
  next(): Promise<Uint8Array | undefined>;
}

/** Holds what is ahead of the reader, which is bounded, and nothing of what is behind it. */
export function createPassingStore({ start, end }: ByteRange): PassingStore {
  const kept = new Map<number, Uint8Array>();
  const listeners = new Set<(change: "moved" | "jumped") => void>();
  let position = start;
  let pieceLength = 0;
  let failure: PanalError | undefined;
  let bell = Promise.withResolvers<void>();

  function ring(): void {
    bell.resolve();
    bell = Promise.withResolvers();
  }

  return {
    store: {
      async open(manifest) {
        pieceLength = manifest.pieceLength;
        return new PieceSet(manifest.pieceCount);
      },
      async write(pieceIndex, data) {
        kept.set(pieceIndex, data.slice());
        ring();
      },
      async complete() {},
      async close() {},
    },
    reading: {
      windows(length) {
        const ahead = Math.max(AHEAD_BYTES, 2 * length);
        const until = Math.min(end, position + ahead);
        return [{ start: Math.floor(position / length), end: Math.ceil(until / length) }];
      },
      isWholeWanted: false,
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    fail(error) {
      failure = error;
      ring();
    },
    async next() {
      while (position < end) {
        const pieceIndex = pieceLength === 0 ? -1 : Math.floor(position / pieceLength);
        const piece = kept.get(pieceIndex);
        if (piece !== undefined) {
          kept.delete(pieceIndex);
          const from = pieceIndex * pieceLength;
          const bytes = piece.subarray(position - from, Math.min(piece.length, end - from));
          position += bytes.length;
          for (const listener of listeners) listener("moved");
          return bytes;
        }
        if (failure !== undefined) throw failure;
        await bell.promise;
      }
      return undefined;
    },
  };
}
