import { describe, expect, it } from "vitest";
import { chooseQueries } from "./queries.ts";
import { createShares } from "./shares.ts";

const shares = createShares({ seed: 11, peers: 8, filesPerPeer: 2500 });
const queries = chooseQueries(shares, { words: 20, pairs: 20, common: 10 });

/** All that is announced, as a search sees it. */
const announced = Array.from({ length: shares.options.peers }, (_, peer) => shares.filesOf(peer, 0))
  .flat()
  .map(({ path, fileId }) => ({
    path,
    fileId,
    folded: path.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase(),
  }));

/** Counted the plain way. */
function countedMatches(q: string): { contents: number; paths: number } {
  const words = q.split(" ");
  const found = announced.filter(({ folded }) => words.every((word) => folded.includes(word)));
  return {
    contents: new Set(found.map(({ fileId }) => fileId)).size,
    paths: new Set(found.map(({ fileId, path }) => `${fileId} ${path}`)).size,
  };
}

describe("chooseQueries", () => {
  it("chooseQueries() gives words and pairs of words with how many files match, from a page to under a thousand", () => {
    expect(queries.selective.some(({ q }) => q.includes(" "))).toBe(true);
    expect(queries.selective.some(({ q }) => !q.includes(" "))).toBe(true);
    for (const { q, matches } of queries.selective) {
      const { contents, paths } = countedMatches(q);
      expect(matches, q).toBe(contents);
      expect(contents).toBeGreaterThanOrEqual(50);
      expect(paths).toBeLessThan(1000);
    }
  });

  it("chooseQueries() gives common words, of which there are too many to look at", () => {
    expect(queries.common.length).toBeGreaterThan(1);
    for (const { q, matches } of queries.common) {
      expect(matches, q).toBe(countedMatches(q).contents);
      expect(matches).toBeGreaterThan(4000);
    }
  });

  it("chooseQueries() chooses the same each time", () => {
    expect(chooseQueries(shares, { words: 20, pairs: 20, common: 10 })).toEqual(queries);
  });
});
