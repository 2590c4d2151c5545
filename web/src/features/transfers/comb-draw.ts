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

/** Draws the whole comb. Cells of one look share a path: the canvas is quicker so. */
export function drawComb(context: CanvasRenderingContext2D, options: DrawOptions): void {
  const { board, layout, palette, nowMs, isStill } = options;
  const absent = new Path2D();
  const fills = new Map<string, Path2D>();
  const outlines = new Map<string, Path2D>();
  const breath = isStill ? 1 : 0.45 + 0.55 * (0.5 + 0.5 * Math.cos((2 * Math.PI * nowMs) / BREATH_MS));
  for (let cell = 0; cell < layout.cellCount; cell++) {
    const look = lookOfCell(board, layout, cell);
    const ageMs = look.changedAtMs === undefined || isStill ? Infinity : nowMs - look.changedAtMs;
    if (look.verified > 0) {
      const colour = look.source === FROM_BEFORE ? palette.fromBefore : palette.peer(look.source);
      // Received at 60 %, verified full: here both come at once, so it is a short fade.
      const fade = look.verified < 1 ? 0.3 + 0.6 * look.verified : 0.6 + 0.4 * Math.min(1, ageMs / FADE_MS);
      addCell(pathOf(fills, `${colour}|${fade.toFixed(1)}`), layout, cell);
    } else if (look.isFailed) {
      const blink = ageMs < BLINK_MS ? 1 - ageMs / BLINK_MS : 0;
      if (blink > 0) addCell(pathOf(fills, `${palette.failed}|${blink.toFixed(1)}`), layout, cell);
      addCell(pathOf(outlines, `${palette.failed}|1`), layout, cell);
    } else if (look.isRequested) {
      addCell(pathOf(outlines, `${palette.peer(look.source)}|${breath.toFixed(2)}`), layout, cell);
    } else {
      addCell(absent, layout, cell);
    }
  }
  context.lineWidth = 1;
  context.strokeStyle = palette.absent;
  context.stroke(absent);
  for (const [style, path] of fills) {
    paint(context, style, () => {
      context.fill(path);
      // A faint edge, so that yellow stands out from paper.
      context.globalAlpha = EDGE_ALPHA;
      context.strokeStyle = palette.edge;
      context.stroke(path);
    });
  }
  context.lineWidth = 1.75;
  for (const [style, path] of outlines) paint(context, style, () => context.stroke(path));
  if (options.marked !== undefined && options.marked < layout.cellCount) {
    const path = new Path2D();
    addCell(path, layout, options.marked, -GAP_PX);
    paint(context, `${palette.edge}|1`, () => {
      context.lineWidth = 2;
      context.stroke(path);
    });
  }
}

function paint(context: CanvasRenderingContext2D, style: string, draw: () => void): void {
  const [colour = "", alpha] = style.split("|");
  context.fillStyle = colour;
  context.strokeStyle = colour;
  context.globalAlpha = Number(alpha);
  draw();
  context.globalAlpha = 1;
}

function pathOf(paths: Map<string, Path2D>, style: string): Path2D {
  let path = paths.get(style);
  if (path === undefined) {
    path = new Path2D();
    paths.set(style, path);
  }
  return path;
}

function addCell(path: Path2D, layout: CombLayout, cell: number, insetPx = GAP_PX / 2): void {
  const { x, y } = cellCentre(layout, cell);
  const halfWidth = layout.cellWidthPx / 2 - insetPx;
  const radius = (halfWidth * 2) / Math.sqrt(3);
  path.moveTo(x, y - radius);
  path.lineTo(x + halfWidth, y - radius / 2);
  path.lineTo(x + halfWidth, y + radius / 2);
  path.lineTo(x, y + radius);
  path.lineTo(x - halfWidth, y + radius / 2);
  path.lineTo(x - halfWidth, y - radius / 2);
  path.closePath();
}
