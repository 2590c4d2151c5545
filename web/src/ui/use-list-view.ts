import { type RefObject, useLayoutEffect, useState } from "react";

export interface ListView {
  /** How far it is scrolled. */
  readonly topPx: number;
  readonly heightPx: number;
  readonly widthPx: number;
}

/** What of a scrolling element is in sight, followed frame by frame. */
export function useListView(scroller: RefObject<HTMLElement | null>): ListView {
  const [view, setView] = useState<ListView>({ topPx: 0, heightPx: 0, widthPx: 0 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const read = () =>
      setView({ topPx: element.scrollTop, heightPx: element.clientHeight, widthPx: element.clientWidth });
    read();
    const resizing = new ResizeObserver(read);
    resizing.observe(element);
    element.addEventListener("scroll", read, { passive: true });
    return () => {
      resizing.disconnect();
      element.removeEventListener("scroll", read);
    };
  }, [scroller]);
  return view;
}
