import { PanalError, isAbort } from "@panal/sdk";
import { type ByteRange, type FileId, fileIdLength, PieceSet } from "@panal/sdk/content";
import {
  createReadingPosition,
  type DownloadEvent,
  type ReadableStore,
  type ReadingPosition,
} from "@panal/sdk/transfer";

/** Reads a file while its download runs. */
export interface FileReader {
  /** For the download: what comes first. */
  readonly reading: ReadingPosition;
  /** What the download tells. */
  take(event: DownloadEvent): void;
  /** The download has ended: whoever still waits gets the error, if there is one. */
  end(error?: PanalError): void;
  /**
   * Waits for the piece at `range.start`, then gives what is there in one stretch from it on: at least one byte, at most
   * the range. Rejects with "aborted".
   */
  read(range: ByteRange, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

/** `aheadBytes`: how far ahead of its readers the file is fetched, if less than usual. */
export function createFileReader(
  fileId: FileId,
  store: Pick<ReadableStore, "read">,
  { aheadBytes }: { aheadBytes?: number } = {},
): FileReader {
  const reading = createReadingPosition(fileIdLength(fileId), aheadBytes);
  /** Known once the store is open. */
  let pieces: { have: PieceSet; pieceLength: number } | undefined;
  let failure: PanalError | undefined;
  let bell = Promise.withResolvers<void>();

  function ring(): void {
    bell.resolve();
    bell = Promise.withResolvers();
  }

  /** How far the verified bytes go from `start` on; `start` itself when the first is missing. */
  function verifiedEnd({ start, end }: ByteRange): number {
    if (pieces === undefined) return start;
    const { have, pieceLength } = pieces;
    let index = Math.floor(start / pieceLength);
    while (index * pieceLength < end && have.has(index)) index++;
    return Math.max(start, Math.min(end, index * pieceLength));
  }

  return {
    reading,
    take(event) {
      if (event.type === "started") {
        const have = new PieceSet(event.pieceCount);
        for (const index of event.have) have.add(index);
        pieces = { have, pieceLength: event.pieceLength };
      } else if (event.type === "piece-verified") pieces?.have.add(event.pieceIndex);
      else return;
      ring();
    },
    end(error) {
      failure = error;
      ring();
    },
    async read(range, signal) {
      reading.read(range);
      const stopped = Promise.withResolvers<never>();
      const stop = () => stopped.reject(new PanalError("aborted", "nobody waits for it any more"));
      stopped.promise.catch(() => {});
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted) stop();
      try {
        for (;;) {
          const end = verifiedEnd(range);
          if (end > range.start) return await store.read({ start: range.start, end });
          if (failure !== undefined) throw failure;
          await Promise.race([bell.promise, stopped.promise]);
        }
      } finally {
        signal.removeEventListener("abort", stop);
      }
    },
  };
}

/** Why a download ended that somebody reads from. */
export function endOf(error: unknown): PanalError {
  return isAbort(error) ? new PanalError("aborted", "the download was stopped") : PanalError.from(error);
}
