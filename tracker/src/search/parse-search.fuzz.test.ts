import { PanalError } from "@panal/sdk";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSearch } from "./parse-search.ts";

const PIECES = [
  '"',
  "-",
  " ",
  ":",
  "ext:",
  "kind:",
  "size:",
  "peer:",
  "KIND:video",
  "size:>1M",
  "modified:",
  "2024-02",
  "..",
  "<",
  ">=",
  "1",
  "9e9",
  "http://a/f/",
  `${"0".repeat(64)}-1`,
  "*",
  "NEAR(",
  "'",
  "%",
  "\\",
  "\u0000",
  "\ud800",
  "\u0301",
  "´",
  "🐝",
  "a",
  "of the",
  "é",
];
const anyQuery = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => pieces.join("").slice(0, 200)),
);

function parsed(q: string) {
  try {
    return parseSearch({ q });
  } catch (error) {
    expect(error).toBeInstanceOf(PanalError);
    expect(error).toMatchObject({ code: "invalid", fields: [{ field: "q" }] });
    return undefined;
  }
}

test("parseSearch() takes or refuses any query, and what it takes is within bounds", () => {
  fc.assert(
    fc.property(anyQuery, (q) => {
      const wanted = parsed(q);
      if (wanted === undefined) return;
      for (const words of [wanted.words, wanted.without]) {
        expect(words.all.length).toBeLessThanOrEqual(16);
        expect(words.substrings.length + words.starts.length + words.signs.length).toBe(words.all.length);
        for (const word of words.all) {
          expect(word).not.toBe("");
          // oxlint-disable-next-line no-control-regex -- they would end a text of the database early
          expect(word).not.toMatch(/[\u0000-\u001f]/);
        }
      }
      expect(wanted.sizes.min).toBeGreaterThanOrEqual(0);
      expect(wanted.sizes.max).toBeGreaterThanOrEqual(wanted.sizes.min);
      expect(Number.isSafeInteger(wanted.sizes.min) && Number.isSafeInteger(wanted.sizes.max)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test("parseSearch() refuses only what has a filter or two file ids in it", () => {
  fc.assert(
    fc.property(anyQuery, (q) => {
      if (parsed(q) === undefined) expect(q).toMatch(/(ext|kind|size|modified|peer):|0{64}-1.*0{64}-1/is);
    }),
    { numRuns: 2_000 },
  );
});

test("parseSearch() finds the words again, whichever way they are parted", () => {
  const word = fc.stringMatching(/^[a-z]{1,12}$/);
  fc.assert(
    fc.property(
      fc.uniqueArray(word, { maxLength: 10 }),
      fc.constantFrom(" ", "\t\n ", "\u3000"),
      (words, gap) => {
        expect(parsed(words.join(gap))?.words.all).toEqual(words);
        expect(parsed(words.map((one) => `"${one}"`).join(gap))?.words.all).toEqual(words);
        expect(parsed(["first", ...words.map((one) => `-${one}`)].join(gap))?.without.all).toEqual(words);
      },
    ),
  );
});
