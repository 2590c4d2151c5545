import { type ByteRange, type Manifest, PanalError, PieceSet } from "@panal/sdk";
import { type Endpoint, wrap } from "comlink";
import { MAX_READ_BYTES, type SeedSource } from "../engine/engine-api.ts";

/** A file that is being downloaded in a tab: what is verified of it can be had, and nothing else. */
export interface GrowingContent {
  /** Throws "not-found" when the download has ended without being whole. */
  pieces(): Promise<PieceSet>;
  /** Throws "unreachable" when not all of it is here: whoever asks finds out by that, and asks somebody else. */
  read(range: ByteRange): Promise<AsyncIterable<Uint8Array<ArrayBuffer>>>;
}

/** What a tab's engine gives at the port. Asked anew each time, so that nothing is told of what changes. */
export function createGrowingContent(port: MessagePort, manifest: Manifest): GrowingContent {
  const source = wrap<SeedSource>(port as Endpoint);

  async function pieces(): Promise<PieceSet> {
    const bitmap = await source.pieces();
    if (bitmap === undefined) throw new PanalError("not-found", `${manifest.fileId}: no longer here`);
    return PieceSet.fromBitmap(bitmap, manifest.pieceCount);
  }

  async function* chunks({ start, end }: ByteRange): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (let at = start; at < end;) {
      const bytes = await readChunk(at, Math.min(end, at + MAX_READ_BYTES));
      at += bytes.length;
      yield bytes;
    }
  }

  async function readChunk(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    try {
      const bytes = await source.read(start, end);
      if (bytes.length > 0) return bytes;
    } catch {
      // It was paused or discarded meanwhile: errors lose their code on the way.
    }
    throw new PanalError("unreachable", `${manifest.fileId}: no longer here`);
  }

  return {
    pieces,
    async read(range) {
      const there = await pieces();
      for (let index = Math.floor(range.start / manifest.pieceLength); ; index++) {
        if (index * manifest.pieceLength >= range.end) return chunks(range);
        if (!there.has(index)) {
          throw new PanalError("unreachable", `${manifest.fileId}: piece ${index} isn't here yet`);
        }
      }
    },
  };
}
