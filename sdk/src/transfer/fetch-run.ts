import type { ByteRange } from "../content/blocks.ts";
import type { FileId } from "../content/file-id.ts";
import { PanalError } from "../errors.ts";
import type { ByteSink } from "./byte-sink.ts";
import type { PieceBuffers } from "./piece-buffers.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { Route, Source } from "./source.ts";

/** A run while it is fetched. `end` shrinks when another source takes over the tail. */
export interface RunCursor {
  next: number;
  end: number;
  /** Of piece `next`. */
  receivedBytes: number;
  /** Waiting for a free buffer: that nothing comes is not the source's fault. */
  isHeldBack: boolean;
}

interface FetchRunOptions {
  fileId: FileId;
  source: Source;
  cursor: RunCursor;
  pieceRange(pieceIndex: number): ByteRange;
  buffers: PieceBuffers;
  rateLimit?: RateLimit | undefined;
  signal: AbortSignal;
  onRoute(route: Route): void;
  onBytes(bytes: number): void;
  /** Takes a whole, unchecked piece over; gives `buffer` back to the pool when it is done with it. */
  deliver(pieceIndex: number, buffer: Uint8Array, length: number): void;
}

/**
 * Reads a run of pieces with one request, each byte straight to its place in a piece. Throws what the source throws.
 * While no buffer is free it has no room, and so holds the source back. Ends with the stream, since only its end tells
 * that nothing else comes; at once when the tail has gone to somebody else.
 */
export async function fetchRun(options: FetchRunOptions): Promise<void> {
  const { cursor, buffers, rateLimit, signal } = options;
  const range = { start: options.pieceRange(cursor.next).start, end: options.pieceRange(cursor.end - 1).end };
  let buffer: Uint8Array | undefined;
  let length = pieceLengthAt(options, cursor.next);
  /** Of what has come, not paid for yet: payments are of `quantumBytes`, however small the parts that come. */
  let unpaidBytes = 0;
  /** Under way: there is no room until it is made. */
  let payment: Promise<void> | undefined;

  function pay(bytes: number): void {
    if (rateLimit === undefined) return;
    unpaidBytes += bytes;
    if (unpaidBytes < rateLimit.quantumBytes) return;
    payment = rateLimit.take(unpaidBytes, { signal }).finally(() => (payment = undefined));
    // That it was aborted shows in `whenRoom`, if anybody waits.
    payment.catch(() => {});
    unpaidBytes = 0;
  }

  const sink: ByteSink = {
    room() {
      if (cursor.next >= cursor.end) throw new PanalError("protocol", "more bytes than were asked for");
      if (payment !== undefined) return undefined;
      buffer ??= buffers.tryAcquire();
      const most = rateLimit === undefined ? length : rateLimit.quantumBytes - unpaidBytes;
      return buffer?.subarray(cursor.receivedBytes, Math.min(length, cursor.receivedBytes + most));
    },
    async whenRoom() {
      cursor.isHeldBack = true;
      try {
        await payment;
        buffer ??= await buffers.acquire(signal);
      } finally {
        cursor.isHeldBack = false;
      }
    },
    advance(bytes) {
      cursor.receivedBytes += bytes;
      options.onBytes(bytes);
      pay(bytes);
      if (cursor.receivedBytes < length || buffer === undefined) return;
      const whole = buffer;
      buffer = undefined;
      cursor.receivedBytes = 0;
      options.deliver(cursor.next++, whole, length);
      if (cursor.next < cursor.end) length = pieceLengthAt(options, cursor.next);
    },
    get isSatisfied() {
      return cursor.next >= cursor.end && options.pieceRange(cursor.end - 1).end < range.end;
    },
  };
  try {
    await options.source.read(options.fileId, range, { signal, sink, onRoute: options.onRoute });
  } finally {
    if (buffer !== undefined) buffers.release(buffer);
  }
  if (cursor.next < cursor.end)
    throw new PanalError("protocol", `the stream ended before piece ${cursor.next} was whole`);
}

function pieceLengthAt(options: FetchRunOptions, pieceIndex: number): number {
  const { start, end } = options.pieceRange(pieceIndex);
  return end - start;
}
