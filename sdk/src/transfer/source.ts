import type { ByteRange } from "../content/blocks.ts";
import type { FileId } from "../content/file-id.ts";
import type { Manifest } from "../content/manifest.ts";
import type { PieceSet } from "../content/piece-set.ts";
import type { ByteSink } from "./byte-sink.ts";

/** Straight from the peer, or through the tracker in either of its ways. */
export type Route = "direct" | "gateway" | "relay";

/**
 * Somewhere bytes of files can be read from, usually a peer. It may be slow, lie or vanish: the engine checks what
 * comes. Every implementation passes `testing/source-suite.ts`.
 */
export interface Source {
  /** Unique among the sources of a download; for a peer its peer id, or its URL. */
  readonly id: string;
  /** What people call it; from outside, so shown through `displayName`. */
  readonly name: string;
  /** The way the bytes come now, for people. */
  readonly route: Route;
  /** Checked against the file id. Throws "not-found", "corrupt", "unreachable" ... */
  manifest(fileId: FileId, options: { signal: AbortSignal }): Promise<Manifest>;
  /** Which pieces it has now; undefined means all. */
  availability(fileId: FileId, options: { signal: AbortSignal }): Promise<PieceSet | undefined>;
  /**
   * Puts the bytes of a range into `sink`, in order. Settles when exactly `range.end - range.start` bytes have come
   * or the sink is satisfied, else throws. One whose way may change says before the first byte which way these come.
   */
  read(
    fileId: FileId,
    range: ByteRange,
    options: { signal: AbortSignal; sink: ByteSink; onRoute?: (route: Route) => void },
  ): Promise<void>;
}
