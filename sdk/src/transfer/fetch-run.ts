import type { ByteRange } from "../content/blocks.ts";
import type { FileId } from "../content/file-id.ts";
import { PanalError } from "../errors.ts";
import type { PieceBuffers } from "./piece-buffers.ts";
import type { Source } from "./source.ts";

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
  signal: AbortSignal;
  onBytes(bytes: number): void;
  /** Takes a whole, unchecked piece over; gives `buffer` back to the pool when it is done with it. */
  deliver(pieceIndex: number, buffer: Uint8Array, length: number): void;
}

/**
 * Reads a run of pieces with one request, copying each byte once, from the chunk it came in to its place in the
 * piece. Throws what the source throws. While no buffer is free it doesn't read, and so holds the source back. Ends
 * with the stream, since only its end tells that nothing else comes; at once when the tail has gone to somebody else.
 */
export async function fetchRun(options: FetchRunOptions): Promise<void> {
  const { cursor, buffers, signal } = options;
  const range = { start: options.pieceRange(cursor.next).start, end: options.pieceRange(cursor.end - 1).end };
  let buffer: Uint8Array | undefined;
  let length = pieceLengthAt(options, cursor.next);
  try {
    for await (const chunk of options.source.read(options.fileId, range, { signal })) {
      for (let from = 0; from < chunk.length;) {
        if (cursor.next >= cursor.end) throw new PanalError("protocol", "more bytes than were asked for");
        if (buffer === undefined) {
          cursor.isHeldBack = true;
          buffer = await buffers.acquire(signal);
          cursor.isHeldBack = false;
        }
        const part = chunk.subarray(from, from + length - cursor.receivedBytes);
        buffer.set(part, cursor.receivedBytes);
        cursor.receivedBytes += part.length;
        from += part.length;
        options.onBytes(part.length);
        if (cursor.receivedBytes < length) continue;
        const whole = buffer;
        buffer = undefined;
        cursor.receivedBytes = 0;
        options.deliver(cursor.next++, whole, length);
        if (cursor.next < cursor.end) length = pieceLengthAt(options, cursor.next);
        else if (options.pieceRange(cursor.end - 1).end < range.end) return;
      }
    }
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
