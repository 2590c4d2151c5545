import { safeFileName } from "@panal/sdk/content";
import type { TransferTarget } from "./engine-api.ts";

/** What this browser lets a page do, looked up from outside so that it can be tested. */
export interface SaveAbilities {
  /** `showSaveFilePicker`, where there is one. */
  readonly pickFile?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
  /** Whether the page has storage of its own (only on https and localhost). */
  readonly hasBrowserStorage: boolean;
  /** Whether the window lost the focus since `watchFocus` was called. */
  watchFocus(): () => boolean;
  now(): number;
}

/** "nowhere": an insecure page can't keep a file piece by piece. */
export type SaveChoice = TransferTarget | { type: "cancelled" } | { type: "nowhere" };

/** A dialog somebody answers takes the focus, or is there for longer than this. */
const SHORTEST_DIALOG_MS = 1_000;

/**
 * Where a download goes. Must be called from a click: a picker opens only then. A browser whose picker doesn't open
 * (by policy, or without a screen) keeps the file in its own storage until it is complete.
 */
export async function chooseStore(name: string, abilities: SaveAbilities): Promise<SaveChoice> {
  const fallback: SaveChoice = abilities.hasBrowserStorage ? { type: "browser" } : { type: "nowhere" };
  if (abilities.pickFile === undefined) return fallback;
  const lostFocus = abilities.watchFocus();
  const askedAtMs = abilities.now();
  try {
    return { type: "picked", handle: await abilities.pickFile({ suggestedName: safeFileName(name) }) };
  } catch (error) {
    const isAbort = error instanceof Error && error.name === "AbortError";
    // Browsers say "the user aborted" as well when they never opened the dialog.
    const wasSeen = lostFocus() || abilities.now() - askedAtMs >= SHORTEST_DIALOG_MS;
    return isAbort && wasSeen ? { type: "cancelled" } : fallback;
  }
}

/** The abilities of the page this runs in. */
export function pageAbilities(): SaveAbilities {
  const page = window as Window & {
    showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
  };
  return {
    ...(page.showSaveFilePicker === undefined
      ? {}
      : { pickFile: (options) => page.showSaveFilePicker!(options) }),
    hasBrowserStorage: hasBrowserStorage(),
    watchFocus() {
      let isLost = false;
      page.addEventListener("blur", () => (isLost = true), { once: true });
      return () => isLost;
    },
    now: () => performance.now(),
  };
}

/** Whether the page has a private file system. */
export function hasBrowserStorage(): boolean {
  // Missing on insecure origins, whatever its type says.
  const storage: Partial<StorageManager> | undefined = navigator.storage;
  return storage?.getDirectory !== undefined;
}
