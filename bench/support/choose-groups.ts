import type { Group } from "./bench.ts";

type Named = Pick<Group, "name" | "isOnRequest">;

/**
 * The groups that are meant: without words all; a word is a name, or the first part of several (`tracker` of
 * `tracker-events`). What takes very long must be named in full.
 */
export function chooseGroups<G extends Named>(groups: readonly G[], words: readonly string[]): G[] {
  return groups.filter(
    ({ name, isOnRequest }) =>
      words.includes(name) ||
      (isOnRequest !== true && (words.length === 0 || words.some((word) => name.startsWith(`${word}-`)))),
  );
}
