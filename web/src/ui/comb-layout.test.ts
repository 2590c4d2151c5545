import { describe, expect, it } from "vitest";
import { cellAt, cellCentre, layOutComb, neighbourCell, piecesOfCell } from "./comb-layout.ts";

describe("layOutComb()", () => {
  it.each([1, 2, 40, 512, 5000, 8192, 8193, 131_072])(
    "keeps %d pieces within the width and the cell sizes",
    (count) => {
      const layout = layOutComb(count, 380);
      expect(layout.cellWidthPx).toBeGreaterThanOrEqual(6);
      expect(layout.cellWidthPx).toBeLessThanOrEqual(18);
      expect((layout.columns + 0.5) * layout.cellWidthPx).toBeLessThanOrEqual(380);
      expect(layout.cellCount).toBeLessThanOrEqual(8192);
      expect(layout.cellCount * layout.piecesPerCell).toBeGreaterThanOrEqual(count);
      expect(layout.rows * layout.columns).toBeGreaterThanOrEqual(layout.cellCount);
    },
  );

  it("lets a cell stand for several pieces from 8193 on", () => {
    expect(layOutComb(8192, 380).piecesPerCell).toBe(1);
    expect(layOutComb(8193, 380).piecesPerCell).toBe(2);
  });

  it("has no rows for an empty file", () => {
    expect(layOutComb(0, 380)).toMatchObject({ cellCount: 0, rows: 0, heightPx: 0 });
  });

  it("makes cells smaller when there are many", () => {
    expect(layOutComb(2000, 380).cellWidthPx).toBeLessThan(layOutComb(50, 380).cellWidthPx);
  });
});

describe("cellAt()", () => {
  it("finds each cell at its middle", () => {
    const layout = layOutComb(700, 380);
    for (let cell = 0; cell < layout.cellCount; cell++) {
      expect(cellAt(layout, cellCentre(layout, cell))).toBe(cell);
    }
  });

  it("finds nothing beside the comb", () => {
    const layout = layOutComb(3, 380);
    expect(cellAt(layout, { x: -5, y: 5 })).toBeUndefined();
    expect(cellAt(layout, { x: 300, y: 5 })).toBeUndefined();
    expect(cellAt(layout, { x: 5, y: 500 })).toBeUndefined();
  });
});

it("piecesOfCell() ends with the file", () => {
  const layout = layOutComb(8193, 380);
  expect(piecesOfCell(layout, 0, 8193)).toEqual({ start: 0, end: 2 });
  expect(piecesOfCell(layout, layout.cellCount - 1, 8193)).toEqual({ start: 8192, end: 8193 });
});

it("neighbourCell() stays on the comb", () => {
  const layout = layOutComb(60, 380);
  expect(neighbourCell(layout, 0, "ArrowLeft")).toBe(0);
  expect(neighbourCell(layout, 0, "ArrowDown")).toBe(layout.columns);
  expect(neighbourCell(layout, 59, "ArrowRight")).toBe(59);
  expect(neighbourCell(layout, 30, "End")).toBe(59);
  expect(neighbourCell(layout, 30, "a")).toBe(30);
});
