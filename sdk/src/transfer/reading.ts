import type { ByteRange } from "../content/blocks.ts";
import type { PieceRun } from "../content/piece-set.ts";

/** Somebody who reads a file while it comes: what a download needs to know of it. */
export interface Reading {
  /** Pieces that come first, the most urgent first. */
  windows(pieceLength: number): readonly PieceRun[];
  /** Whether the rest of the file is wanted as well. */
  readonly isWholeWanted: boolean;
  /** "jumped": what was asked for elsewhere is in the way. */
  subscribe(listener: (change: "moved" | "jumped") => void): () => void;
}

export interface ReadingPosition extends Reading {
  /** A read begins. Its place alone tells which reader it is: one goes on about where it was, a seek is a new one. */
  read(range: ByteRange): void;
  wantWhole(isWanted: boolean): void;
}

/** How far ahead of a reader the file is fetched, when the rest isn't wanted. */
const READ_AHEAD_BYTES = 32 * 1024 * 1024;
/** The same for readers before the last: they may be done, or be back in a moment, as for an index at the end. */
const OLD_READ_AHEAD_BYTES = 4 * 1024 * 1024;
/** Players read at the start, at an index at the end, and where they play. */
const MAX_READERS = 3;

/** Follows the readers of one file of `lengthBytes` by what they read; the last one has `aheadBytes` fetched ahead. */
export function createReadingPosition(lengthBytes: number, aheadBytes = READ_AHEAD_BYTES): ReadingPosition {
  /** Where each will read next; the last one first. */
  let positions: number[] = [];
  let isWholeWanted = false;
  const listeners = new Set<(change: "moved" | "jumped") => void>();

  function tell(change: "moved" | "jumped"): void {
    for (const listener of listeners) listener(change);
  }

  return {
    windows: (pieceLength) =>
      positions.map((position, rank) => {
        const ofReader = rank === 0 ? aheadBytes : Math.min(aheadBytes, OLD_READ_AHEAD_BYTES);
        const end = Math.min(lengthBytes, position + ofReader);
        return { start: Math.floor(position / pieceLength), end: Math.ceil(end / pieceLength) };
      }),
    get isWholeWanted() {
      return isWholeWanted;
    },
    read({ start }) {
      const known = positions.find((position) => Math.abs(start - position) <= OLD_READ_AHEAD_BYTES);
      positions = [start, ...positions.filter((position) => position !== known)].slice(0, MAX_READERS);
      tell(known === undefined ? "jumped" : "moved");
    },
    wantWhole(isWanted) {
      isWholeWanted = isWanted;
      tell(isWanted ? "moved" : "jumped");
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
