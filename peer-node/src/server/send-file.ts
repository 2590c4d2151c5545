import type { ServerResponse } from "node:http";
import { type ByteRange, PanalError } from "@panal/sdk";
import type { ReadableFile } from "../library/served-files.ts";
import type { BufferPool } from "./buffer-pool.ts";

/** A client that takes nothing for so long is given up; a paused film asks again. */
const STALL_MS = 5 * 60_000;
/** How long a write may take that was under way when the signal fired. */
const LAST_WRITE_MS = 1_000;

export interface SendFileOptions {
  file: ReadableFile;
  range: ByteRange;
  response: ServerResponse;
  buffers: BufferPool;
  /** How much to read and write at once, asked anew each time. */
  messageBytes: () => number;
  /** Bytes to be left free in front of the data, and what writes them: gives where they begin. */
  header?: { maxBytes: number; write: (buffer: Uint8Array, dataStart: number, dataLength: number) => number };
  signal?: AbortSignal | undefined;
}

/**
 * Sends a range of a file into an answer whose head is set already; does not end it. The next part is read while the last
 * one is written, so at most two buffers are held, however slow the client is. Throws "changed" before
 * anything is sent that isn't from the file that was hashed, "aborted" when the client has gone or the signal fired.
 */
export async function sendFile(options: SendFileOptions): Promise<void> {
  const { file, range, response, buffers, header, signal } = options;
  const room = header?.maxBytes ?? 0;
  const write = createWriter(response, signal);
  let written: { done: Promise<void>; buffer: Buffer } | undefined;
  try {
    for (let at = range.start; at < range.end;) {
      if (signal?.aborted) throw new PanalError("aborted", "stopped");
      const length = Math.min(options.messageBytes(), range.end - at);
      const buffer = buffers.take(room + length);
      await file.read(buffer.subarray(room), at);
      if (written !== undefined) {
        await written.done;
        buffers.giveBack(written.buffer);
      }
      const start = header === undefined ? 0 : header.write(buffer, room, length);
      const done = write(buffer.subarray(start));
      // It may fail while the next part is read; it is awaited before anything else happens.
      done.catch(() => {});
      written = { done, buffer };
      at += length;
    }
    if (written !== undefined) {
      await written.done;
      buffers.giveBack(written.buffer);
    }
  } finally {
    write.close();
  }
}

/** Writes, and waits until the system has taken it: that is when a buffer may be used again. */
function createWriter(response: ServerResponse, signal: AbortSignal | undefined) {
  let fail: ((error: PanalError) => void) | undefined;
  const gone = () => fail?.(new PanalError("aborted", "the client has gone"));
  const giveUp = () => {
    fail?.(new PanalError("aborted", "the client takes nothing"));
    response.destroy();
  };
  response.on("close", gone);
  let timer = setTimeout(giveUp, STALL_MS).unref();
  const hurry = () => {
    clearTimeout(timer);
    timer = setTimeout(giveUp, LAST_WRITE_MS).unref();
  };
  signal?.addEventListener("abort", hurry, { once: true });

  const write = (data: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      if (response.destroyed || response.closed) {
        reject(new PanalError("aborted", "the client has gone"));
        return;
      }
      fail = reject;
      if (signal?.aborted !== true) timer.refresh();
      response.write(data, (error) => {
        if (error) reject(new PanalError("aborted", "the client has gone", { cause: error }));
        else resolve();
      });
    });
  return Object.assign(write, {
    close() {
      clearTimeout(timer);
      response.off("close", gone);
      signal?.removeEventListener("abort", hurry);
    },
  });
}
