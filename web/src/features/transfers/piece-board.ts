import { PieceMark } from "../../engine/engine-api.ts";

/** The source of a piece that was there before. */
export const FROM_BEFORE = -1;

/**
 * What is known of each piece, for the comb. Changed in place, since it is drawn many times a second and may have
 * thousands of pieces; `version` counts the changes.
 */
export interface PieceBoard {
  readonly pieceCount: number;
  /** PieceMark of each piece. */
  readonly marks: Uint8Array;
  /** The index of the source a piece came from, or is asked of; FROM_BEFORE. */
  readonly sources: Int16Array;
  /** When a piece got its mark lately, for what fades; milliseconds. */
  readonly changedAtMs: Map<number, number>;
  version: number;
  verifiedCount: number;
}

/** Longer than anything that fades. */
const FORGET_AFTER_MS = 1_000;

export function createPieceBoard(pieceCount: number, have: readonly number[]): PieceBoard {
  const marks = new Uint8Array(pieceCount);
  for (const index of have) if (index < pieceCount) marks[index] = PieceMark.verified;
  return {
    pieceCount,
    marks,
    sources: new Int16Array(pieceCount).fill(FROM_BEFORE),
    changedAtMs: new Map(),
    version: 0,
    verifiedCount: marks.reduce((count, mark) => count + Number(mark === PieceMark.verified), 0),
  };
}

/** Takes over which source brought what from the run before, for pieces that are still there. */
export function carryOver(board: PieceBoard, before: PieceBoard | undefined): void {
  if (before?.pieceCount !== board.pieceCount) return;
  for (let index = 0; index < board.pieceCount; index++) {
    if (board.marks[index] === PieceMark.verified && before.marks[index] === PieceMark.verified) {
      board.sources[index] = before.sources[index]!;
    }
  }
}

/** Applies piece index, source index, mark; again and again. A verified piece stays verified. */
export function applyTriples(board: PieceBoard, triples: readonly number[], nowMs: number): void {
  for (const [index, at] of board.changedAtMs) {
    if (nowMs - at > FORGET_AFTER_MS) board.changedAtMs.delete(index);
  }
  for (let at = 0; at + 2 < triples.length; at += 3) {
    const [index, source, mark] = [triples[at]!, triples[at + 1]!, triples[at + 2]!];
    if (index >= board.pieceCount || board.marks[index] === PieceMark.verified) continue;
    // What one source gave back, another may be bringing already.
    if (mark === PieceMark.absent && board.sources[index] !== source) continue;
    board.marks[index] = mark;
    board.sources[index] = source;
    if (mark === PieceMark.verified) board.verifiedCount++;
    if (mark === PieceMark.verified || mark === PieceMark.failed) board.changedAtMs.set(index, nowMs);
  }
  board.version++;
}

/** What a source was asked for won't come from it: `undefined` means no source at all. */
export function forgetRequests(board: PieceBoard, sourceIndex: number | undefined): void {
  for (let index = 0; index < board.pieceCount; index++) {
    if (board.marks[index] !== PieceMark.requested) continue;
    if (sourceIndex === undefined || board.sources[index] === sourceIndex)
      board.marks[index] = PieceMark.absent;
  }
  board.version++;
}
