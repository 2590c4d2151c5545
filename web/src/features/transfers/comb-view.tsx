import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { cellAt, cellCentre, type CombLayout, layOutComb, neighbourCell } from "../../ui/comb-layout.ts";
import { peerColour } from "../../ui/peer-colours.ts";
import { useMedia } from "../../ui/use-media.ts";
import { type CombPalette, drawComb, isMoving } from "./comb-draw.ts";
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

  useEffect(() => {
    const element = canvas.current;
    if (element === null || widthPx === 0) return;
    let frame = 0;
    let drawnAtMs = -Infinity;
    const draw = (nowMs: number) => {
      if (nowMs - drawnAtMs >= FRAME_MS) {
        drawnAtMs = nowMs;
        drawOnto(element, { board, layout, widthPx, isStill, marked, nowMs });
      }
      if (!isStill && isMoving(board, nowMs)) frame = requestAnimationFrame(draw);
    };
    frame = requestAnimationFrame(draw);
    // Colours are the theme's.
    const watcher = new MutationObserver(() => (frame = requestAnimationFrame(draw)));
    watcher.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      cancelAnimationFrame(frame);
      watcher.disconnect();
    };
  }, [board, version, layout, widthPx, isStill, marked]);

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
        onBlur={() => setMarked(undefined)}
        onKeyDown={onKey}
      />
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

function drawOnto(
  canvas: HTMLCanvasElement,
  options: {
    board: PieceBoard;
    layout: CombLayout;
    widthPx: number;
    isStill: boolean;
    marked: number | undefined;
    nowMs: number;
  },
): void {
  const { layout, widthPx } = options;
  const scale = window.devicePixelRatio;
  const [width, height] = [Math.round(widthPx * scale), Math.round(layout.heightPx * scale)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, widthPx, layout.heightPx);
  drawComb(context, { ...options, palette: paletteOf(canvas) });
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
