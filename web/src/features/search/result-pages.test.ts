import { fileIdOf, type FileId } from "@panal/sdk/content";
import type { FileRow } from "@panal/sdk/tracker";
import { describe, expect, it } from "vitest";
import { newCountOf, refreshPage, type ResultPage, rowsOf, withFresh, withoutGone } from "./result-pages.ts";

const idOf = (name: string) => fileIdOf(new Uint8Array(32).fill(name.charCodeAt(0)), 10);
const row = (name: string, peerCount = 1): FileRow => ({
  fileId: idOf(name),
  size: 10,
  path: name,
  names: [name],
  kind: "other",
  mtime: "2026-01-01T00:00:00Z",
  peerCount,
});
const rows = (names: string) => Array.from(names).map((name) => row(name));
const page = (names: string): ResultPage => ({
  cursor: undefined,
  rows: rows(names),
  isStale: true,
  fresh: undefined,
});
const knownIn = (names: string) => {
  const ids = new Set(Array.from(names).map(idOf));
  return (fileId: FileId) => ids.has(fileId);
};
const namesOf = (list: readonly FileRow[]) => list.map(({ path }) => path).join("");

describe("refreshPage()", () => {
  const whole = (names: string) => ({ files: rows(names) });
  const part = (names: string) => ({ files: rows(names), nextCursor: "more" });

  it("keeps rows and their objects where nothing changed", () => {
    const before = page("abc");
    const { page: after, gone } = refreshPage(before, whole("abc"), knownIn("abc"));
    expect(after.rows).toBe(before.rows);
    expect(after.isStale).toBe(false);
    expect(gone).toEqual([]);
  });

  it("replaces what is known of a row in place", () => {
    const { page: after } = refreshPage(page("ab"), { files: [row("a"), row("b", 3)] }, knownIn("ab"));
    expect(after.rows.map(({ peerCount }) => peerCount)).toEqual([1, 3]);
  });

  it("reports a row that is missing, and leaves it there", () => {
    const { page: after, gone } = refreshPage(page("abc"), part("acd"), knownIn("abcd"));
    expect(gone).toEqual([idOf("b")]);
    expect(namesOf(after.rows)).toBe("abc");
  });

  it("keeps new rows aside, and takes none for gone that they pushed on", () => {
    const { page: after, gone } = refreshPage(page("abc"), part("xab"), knownIn("abc"));
    expect(gone).toEqual([]);
    expect(namesOf(after.rows)).toBe("abc");
    expect(newCountOf([after], knownIn("abc"))).toBe(1);
    expect(namesOf(withFresh(after).rows)).toBe("xabc");
    expect(newCountOf([withFresh(after)], knownIn("abcx"))).toBe(0);
  });

  it.each([
    ["abc", whole("ab"), "c"],
    ["abc", whole("xb"), "ac"],
    ["a", whole(""), "a"],
    ["abc", part("a"), ""],
    ["abc", part("b"), "a"],
    ["abc", part("xyz"), "abc"],
  ])("of %s finds, by %j, %j gone", (before, answer, gone) => {
    const found = refreshPage(page(before), answer, knownIn(before));
    expect(found.gone).toEqual(Array.from(gone, idOf));
  });
});

it("withoutGone() takes rows away", () => {
  expect(namesOf(withoutGone(page("abc"), new Set([idOf("b")])).rows)).toBe("ac");
  const same = page("abc");
  expect(withoutGone(same, new Set([idOf("z")]))).toBe(same);
});

it("rowsOf() shows a file that moved between pages once", () => {
  expect(namesOf(rowsOf([page("abc"), page("cd")]))).toBe("abcd");
});
