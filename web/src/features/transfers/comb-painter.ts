import { cellCentre, type CombLayout } from "../../ui/comb-layout.ts";
import { lookOfCell, parseStyle, styleOfCell } from "./comb-draw.ts";
import { FROM_BEFORE, type PieceBoard } from "./piece-board.ts";

/** Drawn in one frame at most, the others in those that follow: a frame of 8192 cells takes 4 ms of script at most. */
export const MAX_CELLS_A_FRAME = 512;
const EDGE_ALPHA = 0.22;
/** Between two cells. */
const GAP_PX = 1.5;
/** With half of the gap on each side it stays within its cell. */
const OUTLINE_PX = 1.5;
const NOT_DRAWN = -1;

/** Colours as the canvas takes them, of the theme that is on. */
export interface CombPalette {
  readonly absent: string;
  readonly fromBefore: string;
  readonly failed: string;
  readonly edge: string;
  peer(sourceIndex: number): string;
}

/** What is used of a canvas. */
export type CombContext = Pick<
  CanvasRenderingContext2D,
  | "beginPath"
  | "moveTo"
  | "lineTo"
  | "closePath"
  | "fill"
  | "stroke"
  | "fillStyle"
  | "strokeStyle"
  | "lineWidth"
  | "globalAlpha"
  | "globalCompositeOperation"
>;

export interface CombPainter {
  /** Draws the cells that look different by now. False when some are left for the next frame. */
  paint(now: { nowMs: number; isStill: boolean }): boolean;
}

/** Keeps an empty canvas like a board: it knows what it has drawn, so that a frame costs what has changed. */
export function createCombPainter(
  context: CombContext,
  { board, layout, palette }: { board: PieceBoard; layout: CombLayout; palette: CombPalette },
): CombPainter {
  const drawn = new Int32Array(layout.cellCount).fill(NOT_DRAWN);
  /** Where the next frame goes on, so that a part that breathes doesn't keep the rest waiting. */
  let next = 0;

  function drawCell(cell: number, style: number): void {
    const { shape, source, alpha } = parseStyle(style);
    if (drawn[cell] !== NOT_DRAWN) erase(cell);
    drawn[cell] = style;
    trace(context, layout, cell, GAP_PX / 2);
    if (shape === "absent") return strokeWith(palette.absent, 1, 1);
    if (shape === "requested") return strokeWith(palette.peer(source), alpha, OUTLINE_PX);
    if (shape === "failed") {
      if (alpha > 0) fillWith(palette.failed, alpha);
      return strokeWith(palette.failed, 1, OUTLINE_PX);
    }
    fillWith(source === FROM_BEFORE ? palette.fromBefore : palette.peer(source), alpha);
    // A faint edge, so that yellow stands out from paper.
    strokeWith(palette.edge, EDGE_ALPHA, 1);
  }

  function erase(cell: number): void {
    context.globalCompositeOperation = "destination-out";
    trace(context, layout, cell, 0);
    fillWith("#000", 1);
    context.globalCompositeOperation = "source-over";
  }

  function fillWith(colour: string, alpha: number): void {
    context.globalAlpha = alpha;
    context.fillStyle = colour;
    context.fill();
  }

  function strokeWith(colour: string, alpha: number, widthPx: number): void {
    context.globalAlpha = alpha;
    context.strokeStyle = colour;
    context.lineWidth = widthPx;
    context.stroke();
  }

  return {
    paint(now) {
      let left = MAX_CELLS_A_FRAME;
      for (let looked = 0; looked < layout.cellCount; looked++) {
        const cell = (next + looked) % layout.cellCount;
        const style = styleOfCell(lookOfCell(board, layout, cell), now);
        if (style === drawn[cell]) continue;
        if (left === 0) {
          next = cell;
          return false;
        }
        drawCell(cell, style);
        left--;
      }
      return true;
    },
  };
}

/** Makes the outline of a cell the context's path. */
function trace(context: CombContext, layout: CombLayout, cell: number, insetPx: number): void {
  const halfWidth = layout.cellWidthPx / 2 - insetPx;
  const radius = (halfWidth * 2) / Math.sqrt(3);
  const { x, y } = cellCentre(layout, cell);
  context.beginPath();
  context.moveTo(x, y - radius);
  context.lineTo(x + halfWidth, y - radius / 2);
  context.lineTo(x + halfWidth, y + radius / 2);
  context.lineTo(x, y + radius);
  context.lineTo(x - halfWidth, y + radius / 2);
  context.lineTo(x - halfWidth, y - radius / 2);
  context.closePath();
}
