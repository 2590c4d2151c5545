/** Rows beyond the edge that exist already: the next turn of a wheel shows them at once. */
const OVERSCAN_ROWS = 8;

/** A list of rows of one height, of which only some exist; with columns, a row holds several items. */
export interface ListShape {
  readonly itemCount: number;
  readonly columns: number;
  readonly rowHeightPx: number;
}

/** Items from `start` to `end`, exclusive. */
export interface ItemRange {
  readonly start: number;
  readonly end: number;
}

export function rowCount({ itemCount, columns }: ListShape): number {
  return Math.ceil(itemCount / columns);
}

/** The items in sight. */
export function itemsInSight(shape: ListShape, view: { topPx: number; heightPx: number }): ItemRange {
  const { rowHeightPx } = shape;
  return itemsOfRows(shape, {
    start: Math.floor(view.topPx / rowHeightPx),
    end: Math.ceil((view.topPx + view.heightPx) / rowHeightPx),
  });
}

/** Those and some around them. */
export function itemsToRender(shape: ListShape, inSight: ItemRange): ItemRange {
  const { columns } = shape;
  return itemsOfRows(shape, {
    start: Math.floor(inSight.start / columns) - OVERSCAN_ROWS,
    end: Math.ceil(inSight.end / columns) + OVERSCAN_ROWS,
  });
}

function itemsOfRows({ itemCount, columns }: ListShape, rows: ItemRange): ItemRange {
  const clamp = (item: number) => Math.max(0, Math.min(itemCount, item));
  return { start: clamp(rows.start * columns), end: clamp(rows.end * columns) };
}

/** The item a key leads to from another; undefined for other keys. May lie outside the list. */
export function itemByKey(
  { itemCount, columns }: ListShape,
  { key, from, rowsInSight }: { key: string; from: number; rowsInSight: number },
): number | undefined {
  const pageItems = Math.max(1, rowsInSight - 1) * columns;
  const targets: Record<string, number> = {
    ArrowDown: from + columns,
    ArrowUp: from - columns,
    PageDown: Math.min(itemCount - 1, from + pageItems),
    PageUp: Math.max(0, from - pageItems),
    Home: 0,
    End: itemCount - 1,
    ...(columns === 1 ? {} : { ArrowRight: from + 1, ArrowLeft: from - 1 }),
  };
  return Object.hasOwn(targets, key) ? targets[key] : undefined;
}

/** Where to scroll so that an item is in sight, as little as possible. */
export function scrollFor(
  { columns, rowHeightPx }: ListShape,
  item: number,
  view: { topPx: number; heightPx: number },
): number {
  const topPx = Math.floor(item / columns) * rowHeightPx;
  return Math.max(Math.min(view.topPx, topPx), topPx + rowHeightPx - view.heightPx);
}
