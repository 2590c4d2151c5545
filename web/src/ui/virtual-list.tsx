import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";

/** To be spread onto the one link or button of a row. */
export interface RowFocus {
  readonly tabIndex: 0 | -1;
  readonly "data-row": number;
  readonly onFocus: () => void;
}

interface VirtualListProps<T> {
  items: readonly T[];
  keyOf(item: T): string;
  renderRow(item: T, focus: RowFocus): ReactNode;
  rowHeightPx: number;
  label: string;
  /** The end is near: there may be more to load. */
  onNearEnd?: () => void;
  /** The arrow up was pressed in the first row. */
  onLeaveUp?: () => void;
}

/** So many rows from the end, more are asked for. */
const NEAR_END_ROWS = 20;

/** A list of thousands of rows, of which only those in sight exist. Arrows, Home and End walk through it. */
export function VirtualList<T>(props: VirtualListProps<T>) {
  const { items, keyOf, renderRow, rowHeightPx, label, onNearEnd, onLeaveUp } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const wanted = useRef<number>(undefined);
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeightPx,
    getItemKey: (index) => keyOf(items[index]!),
    overscan: 8,
  });
  const rows = virtualizer.getVirtualItems();
  const lastShown = rows.at(-1)?.index ?? 0;

  useEffect(() => virtualizer.measure(), [virtualizer, rowHeightPx]);

  useEffect(() => {
    if (items.length > 0 && lastShown >= items.length - NEAR_END_ROWS) onNearEnd?.();
  }, [items.length, lastShown, onNearEnd]);

  // A row that was out of sight exists only after scrolling there.
  useEffect(() => {
    if (wanted.current === undefined) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-row="${wanted.current}"]`);
    if (row === null || row === undefined) return;
    wanted.current = undefined;
    row.focus({ preventScroll: true });
  });

  function go(index: number): void {
    const target = Math.max(0, Math.min(items.length - 1, index));
    wanted.current = target;
    setActive(target);
    virtualizer.scrollToIndex(target);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const pageRows = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeightPx) - 1);
    const targets: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + pageRows,
      PageUp: active - pageRows,
      Home: 0,
      End: items.length - 1,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    if (target < 0 && event.key === "ArrowUp") onLeaveUp?.();
    else go(target);
  }

  const tabStop = Math.min(active, items.length - 1);
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto overscroll-contain" onKeyDown={onKeyDown}>
      <div role="list" aria-label={label} className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {rows.map((row) => (
          <div
            key={row.key}
            role="listitem"
            aria-setsize={items.length}
            aria-posinset={row.index + 1}
            className="absolute inset-x-0 top-0"
            style={{ height: row.size, transform: `translateY(${row.start}px)` }}
          >
            {renderRow(items[row.index]!, {
              tabIndex: row.index === tabStop ? 0 : -1,
              "data-row": row.index,
              onFocus: () => setActive(row.index),
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

/** Moves the focus from outside (the search box) to the first row. */
export function focusFirstRow(): void {
  document.querySelector<HTMLElement>('[data-row="0"]')?.focus();
}
