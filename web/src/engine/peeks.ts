import { PanalError } from "@panal/sdk";
import { type FileId, fileIdLength, pieceLengthFor } from "@panal/sdk/content";
import { MAX_PEEK_BYTES, MAX_PEEK_PIECES, type ReadRequest } from "./engine-api.ts";
import { createFileReader, type FileReader } from "./file-reader.ts";
import { createPassingStore } from "./passing-store.ts";

/** Browsers read on although they need no more; an index of a long film is as long as this. */
const MAX_RUN_BYTES = 4 * 1024 * 1024;

interface PeeksDeps {
  /** Fetches what is read, until the signal; the page isn't told. */
  fetchQuietly(
    fileId: FileId,
    options: { store: ReturnType<typeof createPassingStore>; reader: FileReader; signal: AbortSignal },
  ): Promise<void>;
}

interface Peek {
  readonly reader: FileReader;
  readonly stop: AbortController;
  /** Pieces somebody asked for. */
  readonly asked: Set<number>;
}

/**
 * Looks into files: single pieces in memory, verified like all others, at most MAX_PEEK_PIECES and MAX_PEEK_BYTES of a file. Who asks for more
 * waits, until the look is over: an error would end the player, which may want something else meanwhile.
 */
export function createPeeks({ fetchQuietly }: PeeksDeps) {
  const peeks = new Map<FileId, Peek>();
  return {
    open(fileId: FileId): void {
      if (peeks.has(fileId)) return;
      const store = createPassingStore({ isKept: true });
      // No more than the piece that is asked for.
      const reader = createFileReader(fileId, store, { aheadBytes: 1 });
      const stop = new AbortController();
      peeks.set(fileId, { reader, stop, asked: new Set() });
      void fetchQuietly(fileId, { store, reader, signal: stop.signal });
    },

    close(fileId: FileId): void {
      peeks.get(fileId)?.stop.abort();
      peeks.delete(fileId);
    },

    async read(
      { fileId, start, end }: Pick<ReadRequest, "fileId" | "start" | "end">,
      signal: AbortSignal,
    ): Promise<Uint8Array<ArrayBuffer>> {
      const peek = peeks.get(fileId);
      if (peek === undefined) throw new PanalError("not-found", `nobody looks into ${fileId}`);
      const pieceLength = pieceLengthFor(fileIdLength(fileId));
      const piece = Math.floor(start / pieceLength);
      if (!isGranted(peek.asked, piece, pieceLength)) {
        await aborted(AbortSignal.any([signal, peek.stop.signal]));
        throw new PanalError("aborted", `a look into ${fileId} takes no more pieces`);
      }
      peek.asked.add(piece);
      return peek.reader.read({ start, end }, signal);
    },
  };
}

function isGranted(asked: ReadonlySet<number>, piece: number, pieceLength: number): boolean {
  if (asked.has(piece)) return true;
  let run = 1;
  while (asked.has(piece - run)) run++;
  const pieces = asked.size + 1;
  const isWithinLimits = pieces <= MAX_PEEK_PIECES && pieces * pieceLength <= MAX_PEEK_BYTES;
  return isWithinLimits && run * pieceLength <= MAX_RUN_BYTES;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
