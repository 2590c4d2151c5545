/** The largest number of cells; with more pieces, a cell stands for several. */
const MAX_CELLS = 8192;
const MAX_CELL_WIDTH_PX = 18;
const MIN_CELL_WIDTH_PX = 6;
/** Cells shrink to stay within this height, as long as they can. */
const PREFERRED_HEIGHT_PX = 260;

/** Where the cells of a comb lie. Rows of pointy-top hexagons; odd rows stand half a cell to the right. */
export interface CombLayout {
  readonly cellCount: number;
  readonly piecesPerCell: number;
  /** Width of a cell, 6 to 18 px. */
  readonly cellWidthPx: number;
  /** From one row to the next. */
  readonly rowStepPx: number;
  readonly columns: number;
  readonly rows: number;
  readonly heightPx: number;
}

/** The comb of a file of `pieceCount` pieces in `widthPx`. */
export function layOutComb(pieceCount: number, widthPx: number): CombLayout {
  const piecesPerCell = Math.max(1, Math.ceil(pieceCount / MAX_CELLS));
  const cellCount = Math.ceil(pieceCount / piecesPerCell);
  for (let cellWidthPx = MAX_CELL_WIDTH_PX; ; cellWidthPx -= 0.5) {
    // Half a cell is kept free for the odd rows.
    const columns = Math.max(1, Math.floor(widthPx / cellWidthPx - 0.5));
    const rows = Math.ceil(cellCount / columns);
    const rowStepPx = (cellWidthPx * Math.sqrt(3)) / 2;
    const heightPx = rows === 0 ? 0 : Math.ceil((rows - 1) * rowStepPx + (cellWidthPx * 2) / Math.sqrt(3));
    if (heightPx <= PREFERRED_HEIGHT_PX || cellWidthPx <= MIN_CELL_WIDTH_PX) {
      return { cellCount, piecesPerCell, cellWidthPx, rowStepPx, columns, rows, heightPx };
    }
  }
}

/** The middle of a cell. */
export function cellCentre(layout: CombLayout, cell: number): { x: number; y: number } {
  const row = Math.floor(cell / layout.columns);
  const column = cell % layout.columns;
  return {
    x: (column + 0.5 + (row % 2) / 2) * layout.cellWidthPx,
    y: layout.cellWidthPx / Math.sqrt(3) + row * layout.rowStepPx,
  };
}

/** The cell at a point, or undefined when there is none: the one whose middle is nearest. */
export function cellAt(layout: CombLayout, point: { x: number; y: number }): number | undefined {
  const radius = layout.cellWidthPx / Math.sqrt(3);
  const nearRow = Math.round((point.y - radius) / layout.rowStepPx);
  let best: { cell: number; distance: number } | undefined;
  for (let row = nearRow - 1; row <= nearRow + 1; row++) {
    if (row < 0 || row >= layout.rows) continue;
    const column = Math.round(point.x / layout.cellWidthPx - 0.5 - (row % 2) / 2);
    if (column < 0 || column >= layout.columns) continue;
    const cell = row * layout.columns + column;
    if (cell >= layout.cellCount) continue;
    const centre = cellCentre(layout, cell);
    const distance = Math.hypot(centre.x - point.x, centre.y - point.y);
    if (distance <= radius && (best === undefined || distance < best.distance)) best = { cell, distance };
  }
  return best?.cell;
}

/** The pieces a cell stands for; `end` exclusive. */
export function piecesOfCell(
  layout: CombLayout,
  cell: number,
  pieceCount: number,
): { start: number; end: number } {
  const start = cell * layout.piecesPerCell;
  return { start, end: Math.min(pieceCount, start + layout.piecesPerCell) };
}

/** The cell an arrow key leads to. */
export function neighbourCell(layout: CombLayout, cell: number, key: string): number {
  const target = {
    ArrowLeft: cell - 1,
    ArrowRight: cell + 1,
    ArrowUp: cell - layout.columns,
    ArrowDown: cell + layout.columns,
    Home: 0,
    End: layout.cellCount - 1,
  }[key];
  return target === undefined || target < 0 || target >= layout.cellCount ? cell : target;
}
