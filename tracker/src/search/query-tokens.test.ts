import { expect, test } from "vitest";
import { splitQuery } from "./query-tokens.ts";

const FILTERS = ["ext", "peer"];

/** Tokens the way they would be typed, phrases in brackets. */
function shown(query: string): string[] {
  return splitQuery(query, FILTERS).map(
    ({ text, isQuoted, isExcluded, filter }) =>
      `${isExcluded ? "-" : ""}${filter ? `${filter}=` : ""}${isQuoted ? `[${text}]` : text}`,
  );
}

test.each([
  ["", []],
  ["  bees\t winter\n", ["bees", "winter"]],
  ["-bees", ["-bees"]],
  ["x -", ["x", "-"]],
  ["- x", ["-", "x"]],
  ["x-y", ["x-y"]],
  ['"of  the bees" x', ["[of the bees]", "x"]],
  ['-"of the"', ["-[of the]"]],
  ['"of the', ["[of the]"]],
  ['12" vinyl"', ['12"', 'vinyl"']],
  ['"12" vinyl" x', ["[12]", 'vinyl"', "x"]],
  ['"a"b c" d', ['[a"b c]', "d"]],
  ['"', ['"']],
  ['" x', ['"', "x"]],
  ["EXT:pdf", ["ext=pdf"]],
  ['peer:"my pc" x', ["peer=[my pc]", "x"]],
  ["-ext:pdf", ["-ext=pdf"]],
  ["ext:", ["ext:"]],
  ["ext: pdf", ["ext:", "pdf"]],
  ["other:pdf", ["other:pdf"]],
  ['"ext:pdf"', ["[ext:pdf]"]],
  ["a ext:b:c", ["a", "ext=b:c"]],
  ["http://a/b", ["http://a/b"]],
  ["a\u0000b", ["a", "b"]],
])("splitQuery() splits %j", (query, tokens) => {
  expect(shown(query)).toEqual(tokens);
});
