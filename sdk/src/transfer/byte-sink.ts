/**
 * Takes the bytes of a read, in order, into memory of its own: whoever can receive straight into that memory spares a
 * copy of each byte.
 */
export interface ByteSink {
  /**
   * Memory for the next bytes, one at least. Undefined while there is none; `whenRoom` settles when there may be some
   * again.
   */
  room(): Uint8Array | undefined;
  /** Rejects with "aborted" when the read is over. */
  whenRoom(): Promise<void>;
  /** So many bytes have come to the beginning of `room()`. */
  advance(bytes: number): void;
  /** Nothing more is wanted: the read may end here. */
  readonly isSatisfied: boolean;
}

/** Copies a chunk into a sink, waiting while there is no room. False when the sink wants nothing more. */
export async function pour(chunk: Uint8Array, sink: ByteSink): Promise<boolean> {
  for (let at = 0; at < chunk.length && !sink.isSatisfied;) {
    const room = sink.room();
    if (room === undefined) {
      await sink.whenRoom();
      continue;
    }
    const part = chunk.subarray(at, at + room.length);
    room.set(part);
    sink.advance(part.length);
    at += part.length;
  }
  return !sink.isSatisfied;
}
