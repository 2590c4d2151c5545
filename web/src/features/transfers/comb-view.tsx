import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { cellAt, cellCentre, type CombLayout, layOutComb, neighbourCell } from "../../ui/comb-layout.ts";
import { peerColour } from "../../ui/peer-colours.ts";
import { useMedia } from "../../ui/use-media.ts";
import { isMoving } from "./comb-draw.ts";
import { type CombPainter, type CombPalette, createCombPainter } from "./comb-painter.ts";
import { useCellText } from "./use-cell-text.ts";
import type { PieceBoard } from "./piece-board.ts";
import type { TransferSource } from "./transfer-state.ts";

/** Breathing needs no more pictures a second. */
const FRAME_MS = 80;

interface CombViewProps {
  board: PieceBoard;
  /** Of the board: it is changed in place. */
  version: number;
  sources: readonly TransferSource[];
}

/** The file as a comb, each cell in the colour of the peer it came from. Arrow keys walk through it. */
export function CombView({ board, version, sources }: CombViewProps) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const widthPx = useWidth(canvas);
  const isStill = useMedia("(prefers-reduced-motion: reduce)");
  const [marked, setMarked] = useState<number>();
  const layout = useMemo(() => layOutComb(board.pieceCount, Math.max(widthPx, 120)), [board, widthPx]);
  const cellText = useCellText(board, sources);

  useCombCanvas(canvas, { board, version, layout, widthPx, isStill });

  const onPointer = (event: PointerEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setMarked(cellAt(layout, { x: event.clientX - box.left, y: event.clientY - box.top }));
  };
  const onKey = (event: KeyboardEvent) => {
    const next = neighbourCell(layout, marked ?? 0, event.key);
    if (next === marked && event.key !== "Home") return;
    if (!/^(Arrow|Home|End)/.test(event.key)) return;
    event.preventDefault();
    setMarked(next);
  };

  return (
    <div className="relative" data-testid="comb">
      <canvas
        ref={canvas}
        className="block w-full touch-manipulation rounded"
        style={{ height: layout.heightPx }}
        tabIndex={0}
        role="img"
        aria-label={t("transfer.comb")}
        aria-describedby="comb-cell"
        onPointerMove={onPointer}
        onPointerDown={onPointer}
        onPointerLeave={() => setMarked(undefined)}
        onFocus={({ currentTarget }) => {
          // By keyboard; a pointer says where it is.
          if (currentTarget.matches(":focus-visible")) setMarked((cell) => cell ?? 0);
        }}
        onBlur={() => setMarked(undefined)}
        onKeyDown={onKey}
      />
      <MarkedCell layout={layout} cell={marked} />
      <CellTip
        layout={layout}
        cell={marked}
        text={marked === undefined ? "" : cellText(layout, marked)}
        widthPx={widthPx}
      />
    </div>
  );
}

function CellTip(props: { layout: CombLayout; cell: number | undefined; text: string; widthPx: number }) {
  const { layout, cell, text, widthPx } = props;
  const centre = cell === undefined || cell >= layout.cellCount ? undefined : cellCentre(layout, cell);
  const side = centre !== undefined && centre.x > widthPx / 2 ? "right" : "left";
  return (
    <div
      id="comb-cell"
      role="status"
      className={
        centre === undefined
          ? "sr-only"
          : "pointer-events-none absolute z-10 rounded-md bg-ink px-2 py-1 text-xs whitespace-nowrap text-paper tabular shadow-sheet"
      }
      style={
        centre === undefined
          ? undefined
          : { top: centre.y + layout.cellWidthPx, [side]: side === "left" ? centre.x : widthPx - centre.x }
      }
    >
      {text}
    </div>
  );
}

/** The outline of the cell under the pointer or the keyboard, above the canvas. */
function MarkedCell({ layout, cell }: { layout: CombLayout; cell: number | undefined }) {
  if (cell === undefined || cell >= layout.cellCount) return null;
  const { x, y } = cellCentre(layout, cell);
  const halfWidth = layout.cellWidthPx / 2 + 1;
  const radius = (halfWidth * 2) / Math.sqrt(3);
  const corners = [
    [0, -radius],
    [halfWidth, -radius / 2],
    [halfWidth, radius / 2],
    [0, radius],
    [-halfWidth, radius / 2],
    [-halfWidth, -radius / 2],
  ];
  return (
    <svg className="pointer-events-none absolute inset-0 size-full overflow-visible" aria-hidden="true">
      <polygon
        data-testid="marked-cell"
        points={corners.map(([dx, dy]) => `${x + dx!},${y + dy!}`).join(" ")}
        className="fill-none stroke-ink"
        strokeWidth="2"
      />
    </svg>
  );
}

interface CombCanvasOptions {
  board: PieceBoard;
  version: number;
  layout: CombLayout;
  widthPx: number;
  isStill: boolean;
}

/** Keeps the canvas like the board, as often as something moves. */
function useCombCanvas(
  canvas: { current: HTMLCanvasElement | null },
  { board, version, layout, widthPx, isStill }: CombCanvasOptions,
): void {
  const look = useRef(() => {});
  useEffect(() => {
    const element = canvas.current;
    if (element === null || widthPx === 0) return;
    let painter = startPainting(element, { board, layout, widthPx });
    let frame: number | undefined;
    let waiting: ReturnType<typeof setTimeout> | undefined;
    let drawnAtMs = -Infinity;
    let isBehind = false;
    const draw = (nowMs: number) => {
      frame = undefined;
      drawnAtMs = nowMs;
      isBehind = painter?.paint({ nowMs: performance.now(), isStill }) === false;
      if (isBehind || (!isStill && isMoving(board, nowMs))) look.current();
    };
    const askForFrame = () => {
      waiting = undefined;
      frame = requestAnimationFrame(draw);
    };
    look.current = () => {
      if (frame !== undefined || waiting !== undefined) return;
      const waitMs = isBehind ? 0 : drawnAtMs + FRAME_MS - performance.now();
      // A frame that is asked for and draws nothing costs the page as much as one that does.
      if (waitMs > 0) waiting = setTimeout(askForFrame, waitMs);
      else askForFrame();
    };
    look.current();
    // Colours are the theme's.
    const watcher = new MutationObserver(() => {
      painter = startPainting(element, { board, layout, widthPx });
      look.current();
    });
    watcher.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      clearTimeout(waiting);
      if (frame !== undefined) cancelAnimationFrame(frame);
      look.current = () => {};
      watcher.disconnect();
    };
  }, [canvas, board, layout, widthPx, isStill]);
  // The board is changed in place.
  useEffect(() => {
    look.current();
  }, [version]);
}

/** Clears the canvas, for a comb of this size and theme. */
function startPainting(
  canvas: HTMLCanvasElement,
  { board, layout, widthPx }: { board: PieceBoard; layout: CombLayout; widthPx: number },
): CombPainter | undefined {
  const scale = window.devicePixelRatio;
  const context = canvas.getContext("2d");
  if (context === null) return undefined;
  // Setting a size also clears it.
  canvas.width = Math.round(widthPx * scale);
  canvas.height = Math.round(layout.heightPx * scale);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return createCombPainter(context, { board, layout, palette: paletteOf(canvas) });
}

function paletteOf(element: Element): CombPalette {
  const style = getComputedStyle(element);
  const variable = (name: string) => style.getPropertyValue(name).trim();
  return {
    absent: variable("--line-strong"),
    fromBefore: variable("--muted"),
    failed: variable("--failed-ink"),
    edge: variable("--ink"),
    peer(sourceIndex) {
      const colour = peerColour(sourceIndex);
      const name = /^var\((--[\w-]+)\)$/.exec(colour)?.[1];
      return name === undefined ? colour : variable(name);
    },
  };
}

function useWidth(element: { current: Element | null }): number {
  const [widthPx, setWidthPx] = useState(0);
  useEffect(() => {
    if (element.current === null) return;
    const watcher = new ResizeObserver(([entry]) => setWidthPx(Math.floor(entry?.contentRect.width ?? 0)));
    watcher.observe(element.current);
    return () => watcher.disconnect();
  }, [element]);
  return widthPx;
}
