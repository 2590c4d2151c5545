import { type AnnouncedFile, MAX_FILES_PER_REQUEST, announcedFile } from "@panal/sdk";
import type { ServedChange, ServedFile } from "./library/served-files.ts";

/** Paths in one PATCH: what a tracker takes in a moment. */
const MAX_CHANGES = Math.min(5_000, MAX_FILES_PER_REQUEST);

/** What the tracker doesn't know yet: the last thing that happened to each path. */
export interface PendingChanges {
  readonly isEmpty: boolean;
  add(change: ServedChange): void;
  /** The next ones to be sent, taken out. */
  take(): { added: AnnouncedFile[]; removed: string[] };
  clear(): void;
}

export function createPendingChanges(): PendingChanges {
  const pending = new Map<string, ServedFile | undefined>();
  return {
    get isEmpty() {
      return pending.size === 0;
    },
    add(change) {
      const path = change.type === "added" ? change.file.path : change.path;
      // Taken out first: what changes all the time doesn't keep others waiting.
      pending.delete(path);
      pending.set(path, change.type === "added" ? change.file : undefined);
    },
    take() {
      const added: AnnouncedFile[] = [];
      const removed: string[] = [];
      for (const [path, file] of pending) {
        if (added.length + removed.length === MAX_CHANGES) break;
        pending.delete(path);
        if (file === undefined) removed.push(path);
        else added.push(announcedFile(file));
      }
      return { added, removed };
    },
    clear: () => pending.clear(),
  };
}
