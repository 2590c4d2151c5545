import { expect, test } from "vitest";
import { refusedSearch } from "./refused-search.ts";

const from = (sentence: string) => refusedSearch(`tracker http://127.0.0.1:1: q: ${sentence}`);

test.each([
  ["size:big: expected a size such as >100M, <=2GiB or 10k..1M", "size:big", "search.refusedSize"],
  ["modified:soon: expected a date such as <2024", "modified:soon", "search.refusedDate"],
  ["kind:films: expected one of video, audio", "kind:films", "search.refusedKind"],
  ["size:<1M: no size is in this and in the other limits", "size:<1M", "search.refusedLimits"],
  ["-size:1: only words can be excluded", "-size:1", "search.refusedExcluded"],
  ["size:a: b: expected a size such as 1M", "size:a: b", "search.refusedSize"],
] as const)("%s", (sentence, word, why) => {
  expect(from(sentence)).toEqual({ word, why, sentence });
});

test("what nobody foresaw stays the tracker's own sentence", () => {
  expect(from("q: at most 64 words").why).toBeUndefined();
  expect(from("too long")).toEqual({ word: "", why: undefined, sentence: "too long" });
});
