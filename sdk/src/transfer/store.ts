import type { ByteRange } from "../content/blocks.ts";
import type { Manifest } from "../content/manifest.ts";
import type { PieceSet } from "../content/piece-set.ts";

/**
 * Where verified pieces go. Crash order: data, then journal; what the journal names is on the disk. Every
 * implementation passes `testing/store-suite.ts`.
 */
export interface Store {
  /**
   * Makes ready for this file and tells which pieces are there already from an earlier run. The engine verifies
   * none of them again, so an implementation that can't trust its journal reads and checks the pieces itself.
   * Throws "conflict" when the target is something else, "no-space", "no-permission".
   */
  open(manifest: Manifest, options: { signal: AbortSignal }): Promise<PieceSet>;
  /**
   * Writes a verified piece; `data` may be reused as soon as the promise is settled. Pieces come in any order, some
   * at the same time, and each at most once after it succeeded.
   */
  write(pieceIndex: number, data: Uint8Array): Promise<void>;
  /** Every piece is written: makes the file visible under its name and removes the journal. */
  complete(): Promise<void>;
  /** Lets go of handles. Without `complete` before it, what was written stays and can be resumed. */
  close(): Promise<void>;
}

/** A store that gives back what is in it while the rest still comes, and afterwards. */
export interface ReadableStore extends Store {
  /** Bytes of pieces that are there; fewer than asked for only at the end of the file. */
  read(range: ByteRange): Promise<Uint8Array<ArrayBuffer>>;
}
