import {
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { ListRow, type RowFocus } from "./list-row.tsx";
import { useListView } from "./use-list-view.ts";
import {
  itemByKey,
  itemsInSight,
  itemsToRender,
  type ItemRange,
  type ListShape,
  rowCount,
  scrollFor,
} from "./visible-rows.ts";

export interface VirtualListHandle {
  isAtTop(): boolean;
  scrollTo(item: number, options: { movesFocus: boolean }): void;
}

interface VirtualListProps<T> {
  items: readonly T[];
  keyOf(item: T): string;
  /** Rows are drawn anew when it is another function. */
  renderRow(item: T, focus: RowFocus): ReactNode;
  rowHeightPx: number;
  label: string;
  /** Items side by side are at least as wide as this; without it each has a row of its own. */
  minColumnPx?: number;
  /** The end is near: there may be more to load. */
  onNearEnd?: () => void;
  /** These items are in sight now. */
  onLook?: (range: ItemRange) => void;
  /** Somebody walked to an item by the keyboard, with Shift. */
  onExtend?: (from: T, to: T) => void;
  /** The arrow up was pressed in the first row. */
  onLeaveUp?: () => void;
  handle?: Ref<VirtualListHandle>;
}

/** So many rows from the end, more are asked for. */
const NEAR_END_ROWS = 20;

/**
 * A list or grid of tens of thousands of items, of which only those in sight exist. Arrows, Home and End walk through
 * it. When items come or go above, what is in sight stays where it is.
 */
export function VirtualList<T>(props: VirtualListProps<T>) {
  const { items, keyOf, renderRow, rowHeightPx, label, minColumnPx, onNearEnd, onLook, onExtend, onLeaveUp } =
    props;
  const scroller = useRef<HTMLDivElement>(null);
  const view = useListView(scroller);
  const columns = minColumnPx === undefined ? 1 : Math.max(1, Math.floor(view.widthPx / minColumnPx));
  const shape: ListShape = { itemCount: items.length, columns, rowHeightPx };
  const inSight = itemsInSight(shape, view);
  const { start, end } = itemsToRender(shape, inSight);
  const [active, setActive] = useState<{ item: number; key: string | undefined }>({
    item: 0,
    key: undefined,
  });
  const wanted = useRef<number>(undefined);
  const anchor = useRef<{ key: string; item: number } | undefined>(undefined);
  const activeItem = placeOf(active, items, keyOf);

  useEffect(() => {
    if (items.length > 0 && end >= items.length - NEAR_END_ROWS * columns) onNearEnd?.();
  }, [items.length, end, columns, onNearEnd]);

  useEffect(() => onLook?.({ start: inSight.start, end: inSight.end }), [inSight.start, inSight.end, onLook]);

  // Before it is painted: what came or went above must not move what is looked at.
  useLayoutEffect(() => {
    const before = anchor.current;
    const element = scroller.current;
    if (before === undefined || element === null || element.scrollTop === 0) return;
    const item = placeOf(before, items, keyOf);
    const rows = Math.floor(item / columns) - Math.floor(before.item / columns);
    if (rows !== 0) element.scrollTop += rows * rowHeightPx;
  }, [items]);
  useEffect(() => {
    const first = items[inSight.start];
    anchor.current = first === undefined ? undefined : { key: keyOf(first), item: inSight.start };
  });

  // An item that was out of sight exists only after scrolling there.
  useEffect(() => {
    if (wanted.current === undefined) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-row="${wanted.current}"]`);
    if (row === null || row === undefined) return;
    wanted.current = undefined;
    row.focus({ preventScroll: true });
  });

  function scrollTo(item: number): void {
    const element = scroller.current;
    if (element === null) return;
    element.scrollTop = scrollFor(shape, item, { topPx: element.scrollTop, heightPx: element.clientHeight });
  }

  useImperativeHandle(props.handle, () => ({
    isAtTop: () => (scroller.current?.scrollTop ?? 0) === 0,
    scrollTo(item, { movesFocus }) {
      scrollTo(item);
      if (!movesFocus) return;
      wanted.current = item;
      setActive({ item, key: undefined });
    },
  }));

  function onKeyDown(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const rowsInSight = Math.floor((scroller.current?.clientHeight ?? 0) / rowHeightPx);
    const target = itemByKey(shape, { key: event.key, from: activeItem, rowsInSight });
    if (target === undefined) return;
    event.preventDefault();
    if (target < 0 && event.key === "ArrowUp") return onLeaveUp?.();
    const item = Math.max(0, Math.min(items.length - 1, target));
    wanted.current = item;
    setActive({ item, key: keyOf(items[item]!) });
    if (event.shiftKey) onExtend?.(items[activeItem] ?? items[item]!, items[item]!);
    scrollTo(item);
  }

  const tabStop = Math.min(activeItem, items.length - 1);
  return (
    <div
      ref={scroller}
      // What is at the top stays there when rows come: the browser's own anchoring would fight ours.
      className={`min-h-0 flex-1 overflow-y-auto overscroll-contain [overflow-anchor:none] ${minColumnPx === undefined ? "" : "px-2.5"}`}
      onKeyDown={onKeyDown}
    >
      <div
        role="list"
        aria-label={label}
        className="relative"
        style={{ height: rowCount(shape) * rowHeightPx }}
      >
        {items.slice(start, end).map((item, offset) => {
          const index = start + offset;
          return (
            <ListRow
              key={keyOf(item)}
              item={item}
              index={index}
              itemKey={keyOf(item)}
              itemCount={items.length}
              columns={columns}
              rowHeightPx={rowHeightPx}
              isTabStop={index === tabStop}
              renderRow={renderRow}
              onFocus={setActive}
            />
          );
        })}
      </div>
    </div>
  );
}

/** Where an item is now that was at a place before; that place when it is gone. */
function placeOf<T>(
  { item, key }: { item: number; key: string | undefined },
  items: readonly T[],
  keyOf: (item: T) => string,
): number {
  const there = items[item];
  if (key === undefined || (there !== undefined && keyOf(there) === key)) return item;
  const found = items.findIndex((each) => keyOf(each) === key);
  return found < 0 ? item : found;
}

/** Moves the focus from outside (the search box) to the first row. */
export function focusFirstRow(): void {
  document.querySelector<HTMLElement>('[data-row="0"]')?.focus();
}
