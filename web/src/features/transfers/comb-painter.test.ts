import { describe, expect, it } from "vitest";
import { PieceMark } from "../../engine/engine-api.ts";
import { layOutComb } from "../../ui/comb-layout.ts";
import { parseStyle } from "./comb-draw.ts";
import { type CombContext, createCombPainter, MAX_CELLS_A_FRAME } from "./comb-painter.ts";
import { applyTriples, createPieceBoard } from "./piece-board.ts";

const CELLS = 8192;
const { requested, verified, failed } = PieceMark;
const still = { nowMs: 0, isStill: true };

/** A canvas that counts: each cell that is drawn or erased is one path. */
function countingContext() {
  const counts = { paths: 0, fills: [] as string[], strokes: [] as string[] };
  const context: CombContext = {
    fillStyle: "",
    strokeStyle: "",
    lineWidth: 1,
    globalAlpha: 1,
    globalCompositeOperation: "source-over",
    beginPath: () => void counts.paths++,
    moveTo: () => {},
    lineTo: () => {},
    closePath: () => {},
    fill: () =>
      void (
        context.globalCompositeOperation === "source-over" &&
        counts.fills.push(`${context.fillStyle as string} ${context.globalAlpha}`)
      ),
    stroke: () => void counts.strokes.push(`${context.strokeStyle as string} ${context.globalAlpha}`),
  };
  return { context, counts };
}

function setUp(pieceCount: number) {
  const board = createPieceBoard(pieceCount, []);
  const { context, counts } = countingContext();
  const palette = {
    absent: "absent",
    fromBefore: "before",
    failed: "failed",
    edge: "edge",
    peer: (index: number) => `peer ${index}`,
  };
  const painter = createCombPainter(context, { board, layout: layOutComb(pieceCount, 400), palette });
  /** What one frame did. */
  const frame = (now = still) => {
    Object.assign(counts, { paths: 0, fills: [], strokes: [] });
    const isDone = painter.paint(now);
    return { ...counts, isDone };
  };
  const drawAll = () => {
    while (!frame().isDone);
  };
  return { board, frame, drawAll };
}

describe("createCombPainter()", () => {
  it("draws no more than some cells in a frame, and all of them in the end", () => {
    const { frame } = setUp(CELLS);
    let paths = 0;
    let frames = 0;
    for (let isDone = false; !isDone; frames++) {
      const one = frame();
      expect(one.paths).toBeLessThanOrEqual(MAX_CELLS_A_FRAME);
      paths += one.paths;
      isDone = one.isDone;
    }
    expect(paths).toBe(CELLS);
    expect(frames).toBe(CELLS / MAX_CELLS_A_FRAME);
  });

  it("draws what has changed and nothing else", () => {
    const { board, frame, drawAll } = setUp(CELLS);
    drawAll();
    expect(frame()).toMatchObject({ paths: 0, isDone: true });
    applyTriples(board, [7, 2, verified, 8000, 3, requested, 9, 1, failed], 0);
    const { paths, fills, strokes } = frame();
    // Erased and drawn.
    expect(paths).toBe(6);
    expect(fills).toEqual(["peer 2 1"]);
    expect(strokes.toSorted()).toEqual(["edge 0.22", "failed 1", "peer 3 1"]);
    expect(frame().paths).toBe(0);
  });

  it("lets nothing wait for ever behind cells that breathe", () => {
    const { board, frame, drawAll } = setUp(CELLS);
    drawAll();
    const breathing = Array.from({ length: 2 * MAX_CELLS_A_FRAME }, (_, piece) => [piece, 0, requested]);
    applyTriples(board, [...breathing.flat(), CELLS - 1, 4, verified], 0);
    const fills = Array.from({ length: 6 }, (_, at) => frame({ nowMs: at * 400, isStill: false }).fills);
    expect(fills.flat()).toContainEqual(expect.stringContaining("peer 4"));
  });

  it("breathes and fades, but not for those who want stillness", () => {
    const { board, frame, drawAll } = setUp(3);
    drawAll();
    applyTriples(board, [0, 0, requested, 1, 1, verified, 2, 0, failed], 1_000);
    const at = (nowMs: number, isStill: boolean) => {
      const { fills, strokes } = frame({ nowMs, isStill });
      return [...fills, ...strokes];
    };
    expect(at(1_600, true)).toEqual(["peer 1 1", "peer 0 1", "edge 0.22", "failed 1"]);
    expect(at(2_400, true)).toEqual([]);
    // Half a breath later than full.
    expect(at(2_400, false)).toEqual(["peer 0 0.4"]);
    expect(at(3_200, false)).toEqual(["peer 0 1"]);
  });
});

it("parseStyle() of 0 is a cell that isn't here", () => {
  expect(parseStyle(0)).toMatchObject({ shape: "absent" });
});
