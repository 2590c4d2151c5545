import type { ServerResponse } from "node:http";
import { type ByteRange, PanalError } from "@panal/sdk";
import type { ReadableFile } from "../library/served-files.ts";
import type { BlockPool } from "./block-pool.ts";
import { createReadAhead } from "./read-ahead.ts";
import type { Place } from "./serving-places.ts";
import { MAX_MESSAGE_HEADER_BYTES } from "@panal/sdk/node";

/** A client that takes nothing for so long is given up; a paused film asks again. */
export const STALL_MS = 5 * 60_000;
/** How long a write may take that was under way when the signal fired. */
const LAST_WRITE_MS = 1_000;

export interface SendFileOptions {
  file: ReadableFile;
  range: ByteRange;
  response: ServerResponse;
  pool: BlockPool;
  place: Place;
  /** Writes what goes in front of the data of a block into the room there: gives where it begins. */
  writeHeader?: (block: Uint8Array, dataStart: number, dataLength: number) => number;
  signal?: AbortSignal | undefined;
}

/**
 * Sends a range of a file into an answer whose head is set already; does not end it. While a block is written a quick client's
 * next one is read; a client that stops holds the one block that is being written. Throws "changed" before
 * anything is sent that isn't from the file that was hashed, "aborted" when the client has gone or the signal fired.
 */
export async function sendFile(options: SendFileOptions): Promise<void> {
  const { file, range, response, pool, place, signal, writeHeader } = options;
  const write = createWriter(response, signal);
  const ahead = createReadAhead({ file, range, pool, maxBytes: place.quantumBytes });
  try {
    for (let next = await ahead.next(); next !== undefined; next = await ahead.next()) {
      const { block, dataLength } = next;
      let [isInUse, isForgotten] = [false, false];
      try {
        if (signal?.aborted) throw new PanalError("aborted", "stopped");
        await place.maySend(dataLength, write.gone);
        const dataStart = MAX_MESSAGE_HEADER_BYTES;
        const start = writeHeader?.(block, dataStart, dataLength) ?? dataStart;
        isInUse = true;
        await write(block.subarray(start, dataStart + dataLength), () => {
          isInUse = false;
          if (isForgotten) pool.comeBack(block);
        });
      } finally {
        // The system may still read from what it didn't take as a whole.
        isForgotten = isInUse;
        if (isInUse) pool.forget(block);
        else pool.giveBack(block);
      }
    }
  } finally {
    ahead.close();
    write.close();
  }
}

/** Writes, and waits until the system has taken it: that is when a block may be used again. */
function createWriter(response: ServerResponse, signal: AbortSignal | undefined) {
  const leaving = new AbortController();
  let fail: ((error: PanalError) => void) | undefined;
  const gone = () => {
    leaving.abort();
    fail?.(new PanalError("aborted", "the client has gone"));
  };
  const giveUp = () => {
    fail?.(new PanalError("aborted", "the client takes nothing"));
    response.destroy();
  };
  response.on("close", gone);
  let timer = setTimeout(giveUp, STALL_MS).unref();
  const hurry = () => {
    leaving.abort();
    clearTimeout(timer);
    timer = setTimeout(giveUp, LAST_WRITE_MS).unref();
  };
  signal?.addEventListener("abort", hurry, { once: true });

  // A stream of HTTP/2 that is cut says that a write is over while the connection may still send from it.
  const isOverWhenItFails = response.req.httpVersionMajor === 1;

  /** `onDone`: the system reads from `data` no more. After a failure it may never say so. */
  const write = (data: Uint8Array, onDone: () => void) =>
    new Promise<void>((resolve, reject) => {
      if (response.destroyed || response.closed) {
        onDone();
        reject(new PanalError("aborted", "the client has gone"));
        return;
      }
      fail = reject;
      if (signal?.aborted !== true) timer.refresh();
      response.write(data, (error) => {
        if (!error || isOverWhenItFails) onDone();
        if (error) reject(new PanalError("aborted", "the client has gone", { cause: error }));
        else resolve();
      });
    });
  return Object.assign(write, {
    /** Fires when there is nothing to wait for any more. */
    gone: leaving.signal,
    close() {
      clearTimeout(timer);
      response.off("close", gone);
      signal?.removeEventListener("abort", hurry);
    },
  });
}
