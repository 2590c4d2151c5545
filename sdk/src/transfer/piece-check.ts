import { pieceRange } from "../content/blocks.ts";
import { type Manifest } from "../content/manifest.ts";
import { PanalError } from "../errors.ts";

/** Where a piece goes in its file. Throws "invalid" when there is no such piece or `data` isn't as long as it. */
export function positionOfPiece(manifest: Manifest, pieceIndex: number, data: Uint8Array): number {
  if (!Number.isInteger(pieceIndex) || pieceIndex < 0 || pieceIndex >= manifest.pieceCount) {
    throw new PanalError("invalid", `${manifest.fileId} has no piece ${pieceIndex}`);
  }
  const { start, end } = pieceRange(pieceIndex, manifest);
  if (data.length !== end - start) {
    throw new PanalError(
      "invalid",
      `piece ${pieceIndex} of ${manifest.fileId}: ${data.length} bytes, not ${end - start}`,
    );
  }
  return start;
}
