import { describe, expect, it } from "vitest";
import { seededRandom } from "../../e2e/support/seeded.ts";
import { createVocabulary } from "./vocabulary.ts";

describe("createVocabulary", () => {
  const vocabulary = createVocabulary({ seed: 1, size: 2000 });

  it("createVocabulary() gives as many different words as asked for, the same ones each time", () => {
    expect(new Set(vocabulary.words).size).toBe(2000);
    expect(createVocabulary({ seed: 1, size: 2000 }).words).toEqual(vocabulary.words);
    expect(createVocabulary({ seed: 2, size: 2000 }).words).not.toEqual(vocabulary.words);
  });

  it("pick() gives the first word twice as often as the second, and ten times as often as the tenth", () => {
    const random = seededRandom(7);
    const counts = new Map<string, number>();
    for (let index = 0; index < 200_000; index++) {
      const word = vocabulary.pick(random);
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    const [first, second, tenth] = [0, 1, 9].map((rank) => counts.get(vocabulary.words[rank]!)!);
    expect(first! / second!).toBeCloseTo(2, 0);
    expect(first! / tenth!).toBeGreaterThan(8);
    expect(first! / tenth!).toBeLessThan(12);
  });

  it("pick() gives the first for 0, and the last for what is just below 1", () => {
    expect(vocabulary.pick(() => 0)).toBe(vocabulary.words[0]);
    expect(vocabulary.pick(() => 1 - Number.EPSILON)).toBe(vocabulary.words.at(-1));
  });
});
