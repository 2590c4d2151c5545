import type { PieceRun, PieceSet } from "../content/piece-set.ts";
import { PIECE_ABSENT, PIECE_TAKEN, PIECE_VERIFIED } from "./plan.ts";

/**
 * Where each piece of a download stands. A piece is claimed by every run that is to bring it and by the check of
 * its bytes; when the last claim goes and it isn't verified, it is absent again.
 */
export interface PieceMap {
  /** One PIECE_* for each piece; to be read only. */
  readonly pieces: Uint8Array;
  readonly firstAbsent: number;
  readonly absentCount: number;
  readonly isComplete: boolean;
  claim(pieceIndex: number): void;
  release(pieceIndex: number): void;
  isVerified(pieceIndex: number): boolean;
  /** False when it was verified already: somebody else was faster. */
  verify(pieceIndex: number): boolean;
}

export function createPieceMap(have: PieceSet): PieceMap {
  const { pieceCount } = have;
  const pieces = new Uint8Array(pieceCount);
  const claims = new Uint8Array(pieceCount);
  for (let index = 0; index < pieceCount; index++) if (have.has(index)) pieces[index] = PIECE_VERIFIED;
  let absentCount = pieceCount - have.size;
  let verifiedCount = have.size;
  let firstAbsent = 0;
  skipPresent();

  function skipPresent(): void {
    while (firstAbsent < pieceCount && pieces[firstAbsent] !== PIECE_ABSENT) firstAbsent++;
  }

  return {
    pieces,
    get firstAbsent() {
      return firstAbsent;
    },
    get absentCount() {
      return absentCount;
    },
    get isComplete() {
      return verifiedCount === pieceCount;
    },
    claim(index) {
      claims[index]!++;
      if (pieces[index] !== PIECE_ABSENT) return;
      pieces[index] = PIECE_TAKEN;
      absentCount--;
      skipPresent();
    },
    release(index) {
      claims[index]!--;
      if (claims[index] !== 0 || pieces[index] !== PIECE_TAKEN) return;
      pieces[index] = PIECE_ABSENT;
      absentCount++;
      firstAbsent = Math.min(firstAbsent, index);
    },
    isVerified: (index) => pieces[index] === PIECE_VERIFIED,
    verify(index) {
      if (pieces[index] === PIECE_VERIFIED) return false;
      if (pieces[index] === PIECE_ABSENT) absentCount--;
      pieces[index] = PIECE_VERIFIED;
      verifiedCount++;
      skipPresent();
      return true;
    },
  };
}

/** Whether a piece of any of these runs isn't verified. */
export function hasMissing(map: PieceMap, runs: readonly PieceRun[]): boolean {
  for (const { start, end } of runs) {
    for (let index = start; index < end; index++) if (!map.isVerified(index)) return true;
  }
  return false;
}
