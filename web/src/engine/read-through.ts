import { isAbort } from "@panal/sdk";
import type { ByteRange } from "@panal/sdk/content";
import { MAX_READ_BYTES } from "./engine-api.ts";
import type { FileReader } from "./file-reader.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export interface ReadThroughOptions {
  signal: AbortSignal;
  /** Of a download of the file that runs and can be read along. */
  along(): FileReader | undefined;
  /** From this disk, when it is complete there. */
  complete(range: ByteRange): Promise<Bytes | undefined>;
  /** A reader of its own, until the signal. */
  startPassing(signal: AbortSignal): FileReader;
}

/** A file from its beginning to its end, from wherever it comes best. */
export async function* readThrough(
  lengthBytes: number,
  { signal, along, complete, startPassing }: ReadThroughOptions,
): AsyncGenerator<Bytes> {
  const ended = new AbortController();
  const stopped = AbortSignal.any([signal, ended.signal]);
  let passing: FileReader | undefined;
  try {
    for (let start = 0; start < lengthBytes;) {
      const range = { start, end: Math.min(lengthBytes, start + MAX_READ_BYTES) };
      const other = passing === undefined ? along() : undefined;
      const isElsewhere = passing === undefined && other === undefined;
      let bytes = isElsewhere ? await complete(range) : undefined;
      if (bytes === undefined) {
        passing ??= other === undefined ? startPassing(stopped) : undefined;
        try {
          bytes = await (passing ?? other!).read(range, stopped);
        } catch (error) {
          // Somebody paused the other download: this one goes on by itself.
          if (passing !== undefined || stopped.aborted || !isAbort(error)) throw error;
          passing = startPassing(stopped);
          continue;
        }
      }
      yield bytes;
      start += bytes.length;
    }
  } finally {
    ended.abort();
  }
}
