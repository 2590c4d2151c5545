import { describe, expect, it } from "vitest";
import { chooseGroups } from "./choose-groups.ts";

const GROUPS = [
  { name: "first-byte" },
  { name: "memory" },
  { name: "tracker-events", onlyIf: "asked-for" },
  { name: "tracker-index", onlyIf: "asked-for" },
  { name: "tracker-10m", onlyIf: "named-in-full" },
] as const;

describe("chooseGroups", () => {
  it.each([
    { words: [], chosen: ["first-byte", "memory"] },
    { words: ["memory"], chosen: ["memory"] },
    { words: ["tracker"], chosen: ["tracker-events", "tracker-index"] },
    { words: ["tracker-10m"], chosen: ["tracker-10m"] },
    { words: ["tracker-index", "first-byte"], chosen: ["first-byte", "tracker-index"] },
    { words: ["track"], chosen: [] },
  ])("chooseGroups() by $words is $chosen", ({ words, chosen }) => {
    expect(chooseGroups(GROUPS, words).map(({ name }) => name)).toEqual(chosen);
  });
});
