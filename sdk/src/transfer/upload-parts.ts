import { type ByteRange, pieceRange } from "../content/blocks.ts";
import type { Manifest } from "../content/manifest.ts";
import type { PieceSet } from "../content/piece-set.ts";

/** The bytes of the missing pieces, in order, in stretches of at most `partBytes` or, if those are longer, of one piece. */
export function* uploadParts(missing: PieceSet, manifest: Manifest, partBytes: number): Generator<ByteRange> {
  let part: ByteRange | undefined;
  for (let index = 0; index < manifest.pieceCount; index++) {
    if (!missing.has(index)) continue;
    const { start, end } = pieceRange(index, manifest);
    if (part !== undefined && part.end === start && end - part.start <= partBytes) {
      part = { start: part.start, end };
      continue;
    }
    if (part !== undefined) yield part;
    part = { start, end };
  }
  if (part !== undefined) yield part;
}
