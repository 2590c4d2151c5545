import { baseName, displayName } from "@panal/sdk/content";
import type { FileRow } from "@panal/sdk/tracker";
import type { KeyboardEvent, MouseEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { RowFocus } from "../../ui/list-row.tsx";
import { useLongPress } from "./use-long-press.ts";
import { useIsSelected, useIsSelecting, useSelecting } from "./use-selection.ts";

interface SelectableProps {
  file: FileRow;
  /** Of the row's link: the box is a stop of the keyboard with it. */
  focus: RowFocus;
  /** Where the box is in the row. */
  boxClass: string;
  /** The row's link. */
  children: ReactNode;
}

/**
 * A row that can be selected: by its box, by the space bar, with Shift for all between; by a long press of a finger, and
 * by any click while something is selected.
 */
export function Selectable({ file, focus, boxClass, children }: SelectableProps) {
  const { t } = useTranslation();
  const { selection, rows } = useSelecting();
  const isSelected = useIsSelected(file.fileId);
  const isSelecting = useIsSelecting();
  const { tookClick, ...press } = useLongPress(() => selection.toggle(file));

  function select(isRange: boolean): void {
    if (isRange) selection.extendTo(file, rows());
    else selection.toggle(file);
  }

  function onClick(event: MouseEvent): void {
    const isLongPress = tookClick();
    const isOnBox = event.target instanceof Element && event.target.closest("label") !== null;
    // By Enter a file is opened, and with Ctrl or Cmd in another tab, whatever is selected.
    const isPlain = event.detail > 0 && !(event.ctrlKey || event.metaKey || event.altKey);
    if (!isLongPress && (isOnBox || !isSelecting || !isPlain)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!isLongPress) select(event.shiftKey);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const isOnLink = event.target instanceof Element && event.target.matches("[data-row]");
    if (event.key !== " " || !isOnLink) return;
    event.preventDefault();
    select(event.shiftKey);
  }

  return (
    <div
      className="group/row relative h-full [-webkit-touch-callout:none]"
      data-selectable=""
      data-selecting={isSelecting ? "" : undefined}
      data-selected={isSelected ? "" : undefined}
      onClickCapture={onClick}
      onKeyDown={onKeyDown}
      {...press}
    >
      {children}
      <label
        className={`absolute flex cursor-pointer items-center justify-center opacity-0 group-hover/row:opacity-100 group-has-focus-visible/row:opacity-100 group-data-selecting/row:opacity-100 pointer-coarse:group-not-data-selecting/row:hidden ${boxClass}`}
      >
        <input
          type="checkbox"
          checked={isSelected}
          tabIndex={focus.tabIndex}
          onFocus={focus.onFocus}
          aria-label={t("select.file", { name: displayName(baseName(file.path)) })}
          // What is changed is known only from the click: with Shift, all between.
          onChange={(event) => select((event.nativeEvent as globalThis.MouseEvent).shiftKey)}
          className="size-4 cursor-pointer accent-honey"
        />
      </label>
    </div>
  );
}
