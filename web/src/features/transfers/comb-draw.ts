import { PieceMark } from "../../engine/engine-api.ts";
import { cellCentre, type CombLayout, piecesOfCell } from "../../ui/comb-layout.ts";
import { FROM_BEFORE, type PieceBoard } from "./piece-board.ts";

/** Colours as the canvas takes them, of the theme that is on. */
export interface CombPalette {
  readonly absent: string;
  readonly fromBefore: string;
  readonly failed: string;
  readonly edge: string;
  peer(sourceIndex: number): string;
}

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
const EDGE_ALPHA = 0.22;
/** Between two cells. */
const GAP_PX = 1.5;

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

interface DrawOptions {
  readonly board: PieceBoard;
  readonly layout: CombLayout;
  readonly palette: CombPalette;
  readonly nowMs: number;
  /** Nothing breathes, fades or blinks. */
  readonly isStill: boolean;
  /** The cell under the pointer or the keyboard. */
  readonly marked?: number | undefined;
}

/** Draws the whole comb. Cells of one style are one path, drawn from plain lists: this runs many times a second. */
export function drawComb(context: CanvasRenderingContext2D, options: DrawOptions): void {
  const { layout, palette, marked } = options;
  const { absent, fills, outlines } = sortByStyle(options);
  context.lineWidth = 1;
  context.globalAlpha = 1;
  context.strokeStyle = palette.absent;
  trace(context, layout, absent);
  context.stroke();
  for (const [style, cells] of fills) {
    const [colour = "", alpha] = style.split("|");
    context.fillStyle = colour;
    context.globalAlpha = Number(alpha);
    trace(context, layout, cells);
    context.fill();
    // A faint edge, so that yellow stands out from paper.
    context.globalAlpha = EDGE_ALPHA;
    context.strokeStyle = palette.edge;
    context.stroke();
  }
  context.lineWidth = 1.75;
  for (const [style, cells] of outlines) {
    const [colour = "", alpha] = style.split("|");
    context.strokeStyle = colour;
    context.globalAlpha = Number(alpha);
    trace(context, layout, cells);
    context.stroke();
  }
  context.globalAlpha = 1;
  if (marked !== undefined && marked < layout.cellCount) {
    context.strokeStyle = palette.edge;
    context.lineWidth = 2;
    trace(context, layout, [marked], -GAP_PX);
    context.stroke();
  }
}

interface CellsByStyle {
  readonly absent: number[];
  /** By `colour|alpha`. */
  readonly fills: ReadonlyMap<string, number[]>;
  readonly outlines: ReadonlyMap<string, number[]>;
}

function sortByStyle({ board, layout, palette, nowMs, isStill }: DrawOptions): CellsByStyle {
  const absent: number[] = [];
  const fills = new Map<string, number[]>();
  const outlines = new Map<string, number[]>();
  const breath = isStill ? 1 : 0.45 + 0.55 * (0.5 + 0.5 * Math.cos((2 * Math.PI * nowMs) / BREATH_MS));
  for (let cell = 0; cell < layout.cellCount; cell++) {
    const look = lookOfCell(board, layout, cell);
    const ageMs = look.changedAtMs === undefined || isStill ? Infinity : nowMs - look.changedAtMs;
    if (look.verified > 0) {
      const colour = look.source === FROM_BEFORE ? palette.fromBefore : palette.peer(look.source);
      // Received at 60 %, verified full: here both come at once, so it is a short fade.
      const fade = look.verified < 1 ? 0.3 + 0.6 * look.verified : 0.6 + 0.4 * Math.min(1, ageMs / FADE_MS);
      addTo(fills, `${colour}|${fade.toFixed(1)}`, cell);
    } else if (look.isFailed) {
      const blink = ageMs < BLINK_MS ? 1 - ageMs / BLINK_MS : 0;
      if (blink > 0) addTo(fills, `${palette.failed}|${blink.toFixed(1)}`, cell);
      addTo(outlines, `${palette.failed}|1`, cell);
    } else if (look.isRequested) {
      addTo(outlines, `${palette.peer(look.source)}|${breath.toFixed(2)}`, cell);
    } else {
      absent.push(cell);
    }
  }
  return { absent, fills, outlines };
}

function addTo(styles: Map<string, number[]>, style: string, cell: number): void {
  const cells = styles.get(style);
  if (cells === undefined) styles.set(style, [cell]);
  else cells.push(cell);
}

/** Puts the outlines of these cells into the context's path. */
function trace(
  context: CanvasRenderingContext2D,
  layout: CombLayout,
  cells: readonly number[],
  insetPx = GAP_PX / 2,
): void {
  const halfWidth = layout.cellWidthPx / 2 - insetPx;
  const radius = (halfWidth * 2) / Math.sqrt(3);
  context.beginPath();
  for (const cell of cells) {
    const { x, y } = cellCentre(layout, cell);
    context.moveTo(x, y - radius);
    context.lineTo(x + halfWidth, y - radius / 2);
    context.lineTo(x + halfWidth, y + radius / 2);
    context.lineTo(x, y + radius);
    context.lineTo(x - halfWidth, y + radius / 2);
    context.lineTo(x - halfWidth, y - radius / 2);
    context.closePath();
  }
}
