import { PieceMark } from "../../engine/engine-api.ts";
import { type CombLayout, piecesOfCell } from "../../ui/comb-layout.ts";
import { FROM_BEFORE, type PieceBoard } from "./piece-board.ts";

/** What one cell shows. */
export interface CellLook {
  /** Share of its pieces that are verified, 0 to 1. */
  readonly verified: number;
  readonly isRequested: boolean;
  readonly isFailed: boolean;
  /** Of what is verified or asked for: the source of its first such piece. */
  readonly source: number;
  /** When it last changed, or undefined when that is long ago. */
  readonly changedAtMs: number | undefined;
}

const FADE_MS = 300;
const BLINK_MS = 800;
const BREATH_MS = 1_600;

/** What a cell shows, from the pieces it stands for. */
export function lookOfCell(board: PieceBoard, layout: CombLayout, cell: number): CellLook {
  const { start, end } = piecesOfCell(layout, cell, board.pieceCount);
  let verified = 0;
  let isRequested = false;
  let isFailed = false;
  let verifiedSource: number | undefined;
  let requestedSource: number | undefined;
  let changedAtMs: number | undefined;
  for (let piece = start; piece < end; piece++) {
    const source = board.sources[piece]!;
    switch (board.marks[piece]) {
      case PieceMark.verified:
        verified++;
        verifiedSource ??= source;
        break;
      case PieceMark.requested:
        isRequested = true;
        requestedSource ??= source;
        break;
      case PieceMark.failed:
        isFailed = true;
        break;
      default:
        break;
    }
    changedAtMs = board.changedAtMs.get(piece) ?? changedAtMs;
  }
  const source = verifiedSource ?? requestedSource ?? FROM_BEFORE;
  return { verified: verified / Math.max(1, end - start), isRequested, isFailed, source, changedAtMs };
}

/** Whether the comb goes on moving without news: something is asked for, or fades. */
export function isMoving(board: PieceBoard, nowMs: number): boolean {
  for (const at of board.changedAtMs.values()) if (nowMs - at < BLINK_MS) return true;
  return board.marks.includes(PieceMark.requested);
}

/** How a cell is drawn. A number says it all, so that thousands can be compared with what is drawn already. */
export interface CellStyle {
  readonly shape: "absent" | "requested" | "verified" | "failed";
  readonly source: number;
  /** How strong its colour is, 0 to 1 in tenths: of the outline of what is requested, else of what fills it. */
  readonly alpha: number;
}

const SHAPES = ["absent", "requested", "verified", "failed"] as const;
/** Tenths from 0 to 10. */
const ALPHAS = 11;

/** The style of a cell now, as a number; `isStill`: nothing breathes, fades or blinks. */
export function styleOfCell(look: CellLook, { nowMs, isStill }: { nowMs: number; isStill: boolean }): number {
  const ageMs = look.changedAtMs === undefined || isStill ? Infinity : nowMs - look.changedAtMs;
  if (look.verified > 0) {
    // Received at 60 %, verified full: here both come at once, so it is a short fade.
    const alpha = look.verified < 1 ? 0.3 + 0.6 * look.verified : 0.6 + 0.4 * Math.min(1, ageMs / FADE_MS);
    return asNumber(2, look.source, alpha);
  }
  if (look.isFailed) return asNumber(3, 0, Math.max(0, 1 - ageMs / BLINK_MS));
  if (look.isRequested) {
    const breath = isStill ? 1 : 0.7 + 0.3 * Math.cos((2 * Math.PI * nowMs) / BREATH_MS);
    return asNumber(1, look.source, breath);
  }
  return 0;
}

export function parseStyle(style: number): CellStyle {
  const rest = Math.floor(style / ALPHAS);
  return {
    shape: SHAPES[rest % SHAPES.length]!,
    source: Math.floor(rest / SHAPES.length) + FROM_BEFORE,
    alpha: (style % ALPHAS) / (ALPHAS - 1),
  };
}

function asNumber(shape: number, source: number, alpha: number): number {
  return ((source - FROM_BEFORE) * SHAPES.length + shape) * ALPHAS + Math.round(alpha * (ALPHAS - 1));
}
