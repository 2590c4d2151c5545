import { baseName } from "@panal/sdk/thread";
import { fold } from "./fold.ts";

/** UTF-16 units: long enough to sort by, short enough for a cursor. */
const MAX_BASE_LENGTH = 120;

/** The sort key of a path: its folded base name, cut. */
export function baseKey(path: string): string {
  return cut(fold(baseName(path)));
}

function cut(base: string): string {
  if (base.length <= MAX_BASE_LENGTH) return base;
  const start = base.slice(0, MAX_BASE_LENGTH);
  return start.isWellFormed() ? start : start.slice(0, -1);
}

/** Folds paths one after the other, with their sort keys: each part once, and a folder that comes again not at all. */
export function createPathFolder(): (path: string) => { folded: string; base: string } {
  let [folder, foldedFolder] = ["", ""];
  return (path) => {
    const at = path.lastIndexOf("/") + 1;
    // To whatever is next to it, a slash is the end: both parts together are the folded path.
    if (folder.length !== at || !path.startsWith(folder)) {
      folder = path.slice(0, at);
      foldedFolder = fold(folder);
    }
    const base = fold(path.slice(at));
    return { folded: foldedFolder + base, base: cut(base) };
  };
}
