import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bestFirst } from "./best-first.ts";
import { type Match, compareKeys, matchKey } from "./match-order.ts";

function matchOf(file: number, { rank = 0, mtime = 0, peersAtMost = Infinity } = {}): Match {
  const text = `f${file}`;
  return { name: file, file, folded: text, base: text, kind: "other", size: 1, mtime, rank, peersAtMost };
}

describe("bestFirst()", () => {
  const one = fc.record({
    rank: fc.nat(3),
    mtime: fc.nat(3),
    peers: fc.nat(4),
    isKnown: fc.boolean(),
    more: fc.nat(2),
  });

  test.each(["relevance", "-peers"] as const)(
    "by %s is the same as counting all and sorting",
    async (sort) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(one, { maxLength: 200 }),
          fc.integer({ min: 1, max: 80 }),
          async (all, limit) => {
            const peers = new Map(all.map((each, file) => [file, each.peers]));
            const matches = all.map(({ rank, mtime, peers: count, isKnown, more }, file) =>
              matchOf(file, { rank, mtime, peersAtMost: isKnown ? count + more : Infinity }),
            );
            const expected = matches
              .filter(({ file }) => peers.get(file)! > 0)
              .map((match) => ({ match, key: matchKey(match, sort, peers.get(match.file)!) }))
              .sort((a, b) => compareKeys(a.key, b.key))
              .slice(0, limit)
              .map(({ match }) => match.file);
            const countPeers = async (files: readonly number[]) =>
              new Map(files.map((file) => [file, peers.get(file)!]));
            const best = await bestFirst(matches, { sort, limit, countPeers });
            expect(best.map(({ file }) => file)).toEqual(expected);
          },
        ),
      );
    },
  );

  test("doesn't count what can't come first", async () => {
    let counted = 0;
    const matches = Array.from({ length: 2_000 }, (_, file) =>
      matchOf(file, { peersAtMost: file < 60 ? 2 : 1 }),
    );
    await bestFirst(matches, {
      sort: "relevance",
      limit: 51,
      async countPeers(files) {
        counted += files.length;
        return new Map(files.map((file) => [file, 2]));
      },
    });
    expect(counted).toBeLessThanOrEqual(102);
  });

  test("counts one rank after the other when nothing is known", async () => {
    let counted = 0;
    const matches = Array.from({ length: 300 }, (_, file) => matchOf(file, { rank: file < 60 ? 1 : 8 }));
    await bestFirst(matches, {
      sort: "relevance",
      limit: 10,
      async countPeers(files) {
        counted += files.length;
        return new Map(files.map((file) => [file, 1]));
      },
    });
    expect(counted).toBeLessThanOrEqual(100);
  });
});
