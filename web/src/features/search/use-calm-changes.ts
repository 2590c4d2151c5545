import { type RefObject, useEffect, useEffectEvent, useState } from "react";
import type { VirtualListHandle } from "../../ui/virtual-list.tsx";
import type { LiveSearch, LiveSearchState } from "./live-search.ts";

/** Long enough to see which file went. */
const GONE_SHOWN_MS = 2_000;

/**
 * Lets results change without disturbing anybody: new files come by themselves only at the top of a list that nobody
 * touches, and files that are gone stay, greyed, for as long as a pointer or the focus is in the list.
 */
export function useCalmChanges(
  live: LiveSearch,
  state: LiveSearchState,
  { list, around }: { list: RefObject<VirtualListHandle | null>; around: RefObject<HTMLElement | null> },
) {
  const isInUse = useIsInUse(around);

  const comeByThemselves = useEffectEvent(() => {
    if (isInUse || list.current?.isAtTop() === false) return;
    live.showNew();
  });
  useEffect(() => {
    if (state.newCount > 0) comeByThemselves();
  }, [live, state.newCount]);

  useEffect(() => {
    if (isInUse || state.gone.size === 0) return;
    const timer = setTimeout(() => live.dropGone(), GONE_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [live, isInUse, state.gone]);

  /** Shows the new files; with the focus on the first one for whoever came by keyboard. */
  return function showNew({ movesFocus }: { movesFocus: boolean }): void {
    const first = live.showNew();
    if (first !== undefined) list.current?.scrollTo(first, { movesFocus });
  };
}

/** Whether a pointer or the focus is in an element. */
function useIsInUse(element: RefObject<HTMLElement | null>): boolean {
  const [isPointed, setPointed] = useState(false);
  const [isFocused, setFocused] = useState(false);
  useEffect(() => {
    const watched = element.current;
    const ending = new AbortController();
    const { signal } = ending;
    watched?.addEventListener("pointerenter", () => setPointed(true), { signal });
    watched?.addEventListener("pointerleave", () => setPointed(false), { signal });
    // Of the document: what had the focus and was removed says nothing when it goes.
    const follow = () => setFocused(watched?.contains(document.activeElement) === true);
    for (const type of ["focusin", "focusout", "pointerdown"]) {
      document.addEventListener(type, () => queueMicrotask(follow), { signal });
    }
    return () => ending.abort();
  }, [element]);
  return isPointed || isFocused;
}
