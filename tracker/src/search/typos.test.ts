import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { correctWords, countSlips } from "./typos.ts";

const slips = (a: string, b: string, limit = 9) => countSlips(Array.from(a), Array.from(b), limit);

describe("countSlips()", () => {
  test.each([
    ["winter", "winter", 0],
    ["winter", "wintr", 1],
    ["winter", "winnter", 1],
    ["winter", "wimter", 1],
    ["winter", "witner", 1],
    ["winter", "iwntre", 2],
    ["🐝🐝", "🐝x", 1],
    ["", "ab", 2],
    ["abc", "xyz", 3],
  ])("from %j to %j", (a, b, expected) => {
    expect(slips(a, b)).toBe(expected);
    expect(slips(b, a)).toBe(expected);
  });

  test("is above the limit exactly when the whole count is", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 9 });
    fc.assert(
      fc.property(word, word, fc.integer({ min: 0, max: 3 }), (a, b, limit) => {
        const all = slips(a, b, 99);
        expect(slips(a, b, limit) <= limit).toBe(all <= limit);
        if (all <= limit) expect(slips(a, b, limit)).toBe(all);
      }),
    );
  });
});

describe("correctWords()", () => {
  const vocabulary = (words: Record<string, number>, hidden: string[] = []) => ({
    startingWith: async (character: string) =>
      Object.keys(words).filter((word) => word.startsWith(character)),
    countNames: async (asked: readonly string[]) => new Map(asked.map((word) => [word, words[word]!])),
    has: async (text: string) =>
      Object.keys(words).some((word) => word.includes(text) && !hidden.includes(word)),
  });

  test.each<[string[], string[] | undefined]>([
    [["bees"], undefined],
    [
      ["bees", "beez"],
      ["bees", "bees"],
    ],
    [["bexs"], ["bees"]],
    [["bee5-winer"], ["bees-winter"]],
    [["bes", "zzzz"], undefined],
    [["zzz"], undefined],
    [["bat"], undefined],
  ])("of %j are %j", async (words, expected) => {
    expect(await correctWords(words, vocabulary({ bees: 9, beds: 1, winter: 1, ball: 1 }))).toEqual(expected);
  });

  test("takes the nearest, then what most names hold, and only what can be seen", async () => {
    const words = { honeycomb: 1, honeycorn: 9, honeycone: 5 };
    expect(await correctWords(["honeycomv"], vocabulary(words))).toEqual(["honeycomb"]);
    expect(await correctWords(["honeycomx"], vocabulary(words, ["honeycomb"]))).toEqual(["honeycorn"]);
  });
});
