import type { FileId } from "@panal/sdk/content";
import type { FileRow } from "@panal/sdk/tracker";
import { createContext, use, useEffect, useEffectEvent, useSyncExternalStore } from "react";
import type { Selection, SelectionState } from "./selection.ts";

interface Selecting {
  readonly selection: Selection;
  /** Those of the list, in its order: what a range goes through. */
  rows(): readonly FileRow[];
}

export const SelectionContext = createContext<Selecting | undefined>(undefined);

export function useSelecting(): Selecting {
  const selecting = use(SelectionContext);
  if (selecting === undefined) throw new Error("no SelectionContext around this component");
  return selecting;
}

export function useSelectionState(): SelectionState {
  const { selection } = useSelecting();
  return useSyncExternalStore(selection.subscribe, selection.state);
}

/** Of one row: it is drawn anew only when that changes. */
export function useIsSelected(fileId: FileId): boolean {
  const { selection } = useSelecting();
  return useSyncExternalStore(selection.subscribe, () => selection.state().files.has(fileId));
}

export function useIsSelecting(): boolean {
  const { selection } = useSelecting();
  return useSyncExternalStore(selection.subscribe, () => selection.state().isOn);
}

/** Ctrl or Cmd with A selects all that is listed, Escape gives the selection up; wherever the focus is, but for texts. */
export function useSelectionKeys({ selection, rows }: Selecting): void {
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    const target = event.target instanceof Element ? event.target : undefined;
    // Those have their own meaning for these keys.
    if (target?.closest('input:not([type="checkbox"]), textarea, select, [role="menu"], [role$="dialog"]'))
      return;
    const { isOn } = selection.state();
    const isInList = target?.closest("[data-selectable]") !== null;
    const isAll = event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey);
    if (isAll && (isOn || isInList)) selection.add(rows());
    else if (event.key === "Escape" && isOn) selection.end();
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    // Before the app's own: the first Escape ends the selection, the next one closes the file.
    window.addEventListener("keydown", onKeyDown, { capture: true });
    return () => window.removeEventListener("keydown", onKeyDown, { capture: true });
  }, []);
}
