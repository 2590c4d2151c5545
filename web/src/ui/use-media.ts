import { useSyncExternalStore } from "react";

/** Whether a media query matches, followed. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = matchMedia(query);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => matchMedia(query).matches,
  );
}

/** From this width on, the file stands beside the list. */
export function useIsWide(): boolean {
  return useMedia("(min-width: 64rem)");
}
