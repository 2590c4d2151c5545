import type { Group } from "./bench.ts";

type Named = Pick<Group, "name" | "onlyIf">;

/**
 * The groups that are meant: without words all that don't take too long; a word is a name, or the first part of several
 * (`tracker` of `tracker-events`).
 */
export function chooseGroups<G extends Named>(groups: readonly G[], words: readonly string[]): G[] {
  return groups.filter(({ name, onlyIf }) => {
    if (words.length === 0) return onlyIf === undefined;
    if (words.includes(name)) return true;
    return onlyIf !== "named-in-full" && words.some((word) => name.startsWith(`${word}-`));
  });
}
