import { type ByteRange, pieceRange } from "../content/blocks.ts";
import { type Manifest, verifyPiece } from "../content/manifest.ts";
import type { HashBlocks } from "../content/merkle.ts";
import type { PieceSet } from "../content/piece-set.ts";
import { throwIfAborted } from "../errors.ts";

interface VerifyClaimsOptions {
  manifest: Manifest;
  hashBlocks: HashBlocks;
  /** The bytes of a range as they are now; fewer when there are fewer. */
  readRange(range: ByteRange): Promise<Uint8Array> | Uint8Array;
  signal: AbortSignal;
}

/**
 * Takes out of `claimed` what isn't there: a journal is a claim, and neither a lost write nor a meddled-with part may
 * end up in a finished file. Throws "aborted".
 */
export async function verifyClaims(claimed: PieceSet, options: VerifyClaimsOptions): Promise<void> {
  const { manifest, hashBlocks, readRange, signal } = options;
  for (let index = 0; index < manifest.pieceCount; index++) {
    if (!claimed.has(index)) continue;
    throwIfAborted(signal);
    const data = await readRange(pieceRange(index, manifest));
    if (!(await verifyPiece(manifest, { index, data }, hashBlocks))) claimed.delete(index);
  }
}
