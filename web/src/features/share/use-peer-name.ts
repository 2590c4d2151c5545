import { useState } from "react";
import { clientOf } from "../../sharing/readers.ts";

const KEY = "panal.peer-name";
/** As the tracker takes it. */
export const MAX_NAME_LENGTH = 64;

/** What others see this tab as; remembered, and until somebody says so, the browser's own name. */
export function usePeerName(): [string, (name: string) => void] {
  const [name, setName] = useState(peerName);
  return [
    name,
    (next) => {
      setName(next);
      try {
        localStorage.setItem(KEY, next);
      } catch {
        // Then it is asked for again.
      }
    },
  ];
}

/** The same, for those who only want to know it. */
export function peerName(): string {
  return readName() ?? clientOf(navigator.userAgent);
}

function readName(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}
