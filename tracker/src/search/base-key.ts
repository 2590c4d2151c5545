import { baseName } from "@panal/sdk/thread";
import { fold } from "./fold.ts";

/** UTF-16 units: long enough to sort by, short enough for a cursor. */
const MAX_BASE_LENGTH = 120;

/** The sort key of a path: its folded base name, cut. */
export function baseKey(path: string): string {
  const base = fold(baseName(path)).slice(0, MAX_BASE_LENGTH);
  return base.isWellFormed() ? base : base.slice(0, -1);
}
