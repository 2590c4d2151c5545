import { describe, expect, it } from "vitest";
import { filesQuery, isNarrow, parseSearch, type Search, searchUrl, withWords } from "./search-query.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const everything: Search = {
  words: "a&b?",
  kind: "image",
  size: "100M-1G",
  date: "week",
  peer: "peer-id-1",
  sort: "-size",
  view: "grid",
};

describe("parseSearch()", () => {
  it.each([
    everything,
    parseSearch(""),
    parseSearch("?q=bees"),
    { ...everything, words: "", sort: "relevance" as const },
  ])("reads back what searchUrl() writes: %j", (search) => {
    expect(parseSearch(searchUrl(search).slice(1))).toEqual(search);
  });

  it("leaves out what makes no sense", () => {
    expect(parseSearch("?kind=virus&size=big&date=soon&peer=../x&sort=random&view=3d")).toEqual(
      parseSearch(""),
    );
    expect(parseSearch(`?q=${"a".repeat(300)}`).words).toHaveLength(170);
  });
});

it("searchUrl() says nothing of what is as usual", () => {
  expect(searchUrl(parseSearch(""))).toBe("/");
  expect(searchUrl(parseSearch("?q=&sort=-mtime&view=list"))).toBe("/");
  expect(searchUrl(parseSearch("?sort=relevance&q=bees"))).toBe("/?q=bees");
});

it("withWords() changes an order nobody chose, and keeps one that was chosen", () => {
  expect(withWords(parseSearch(""), "bees").sort).toBe("relevance");
  expect(withWords(parseSearch("?q=bees"), "").sort).toBe("-mtime");
  expect(withWords(parseSearch("?q=bees&sort=name"), "").sort).toBe("name");
});

it("filesQuery() gives sizes as the tracker takes them", () => {
  expect(filesQuery(everything, NOW)).toEqual({
    q: "a&b? modified:>=2026-02-22",
    kind: "image",
    minSize: 100_000_000,
    maxSize: 999_999_999,
    peer: "peer-id-1",
    sort: "-size",
  });
  expect(filesQuery(parseSearch("?size=1G-"), NOW)).toEqual({
    q: "",
    sort: "-mtime",
    minSize: 1_000_000_000,
  });
});

it("filesQuery() asks for a date alone as well", () => {
  expect(filesQuery(parseSearch("?date=year"), NOW)).toEqual({ q: "modified:>=2025-03-01", sort: "-mtime" });
});

it("isNarrow() is about files, not about how they are shown", () => {
  expect(isNarrow(parseSearch("?sort=name&view=grid"))).toBe(false);
  expect(isNarrow(parseSearch("?kind=audio"))).toBe(true);
});
