import { expect, it } from "vitest";
import { PieceMark } from "../../engine/engine-api.ts";
import { layOutComb } from "../../ui/comb-layout.ts";
import { isMoving, lookOfCell } from "./comb-draw.ts";
import { applyTriples, createPieceBoard, FROM_BEFORE } from "./piece-board.ts";

const { requested, verified, failed } = PieceMark;

it("lookOfCell() shows each piece of a small file", () => {
  const board = createPieceBoard(4, [3]);
  applyTriples(board, [0, 1, verified, 1, 2, requested, 2, 2, failed], 100);
  const layout = layOutComb(4, 300);
  const looks = [0, 1, 2, 3].map((cell) => lookOfCell(board, layout, cell));
  expect(looks).toMatchObject([
    { verified: 1, source: 1, changedAtMs: 100 },
    { verified: 0, isRequested: true, source: 2, changedAtMs: undefined },
    { verified: 0, isFailed: true },
    { verified: 1, source: FROM_BEFORE },
  ]);
});

it("lookOfCell() sums up when a cell stands for several pieces", () => {
  const board = createPieceBoard(16_384, [0]);
  applyTriples(board, [1, 3, requested], 0);
  expect(lookOfCell(board, layOutComb(16_384, 300), 0)).toMatchObject({ verified: 0.5, isRequested: true });
});

it("isMoving() ends when nothing is asked for and everything has faded", () => {
  const board = createPieceBoard(2, []);
  expect(isMoving(board, 0)).toBe(false);
  applyTriples(board, [0, 0, requested], 0);
  expect(isMoving(board, 10_000)).toBe(true);
  applyTriples(board, [0, 0, verified], 10_000);
  expect(isMoving(board, 10_100)).toBe(true);
  expect(isMoving(board, 11_000)).toBe(false);
});
