import { memo, type ReactNode } from "react";

/** To be spread onto the one link or button of a row. */
export interface RowFocus {
  readonly tabIndex: 0 | -1;
  readonly "data-row": number;
  readonly onFocus: () => void;
}

interface ListRowProps<T> {
  item: T;
  /** Among all of the list. */
  index: number;
  itemKey: string;
  itemCount: number;
  columns: number;
  rowHeightPx: number;
  isTabStop: boolean;
  renderRow(item: T, focus: RowFocus): ReactNode;
  onFocus(active: { item: number; key: string }): void;
}

/** One place of a virtual list. Drawn anew only when something of it changes: not when the list is scrolled. */
export const ListRow = memo(function ListRow<T>(props: ListRowProps<T>) {
  const { item, index, itemKey, itemCount, columns, rowHeightPx, isTabStop, renderRow, onFocus } = props;
  const column = index % columns;
  return (
    <div
      role="listitem"
      aria-setsize={itemCount}
      aria-posinset={index + 1}
      className="absolute top-0"
      style={{
        height: rowHeightPx,
        width: `${100 / columns}%`,
        left: `${(100 / columns) * column}%`,
        transform: `translateY(${Math.floor(index / columns) * rowHeightPx}px)`,
      }}
    >
      {renderRow(item, {
        tabIndex: isTabStop ? 0 : -1,
        "data-row": index,
        onFocus: () => onFocus({ item: index, key: itemKey }),
      })}
    </div>
  );
}) as <T>(props: ListRowProps<T>) => ReactNode;
