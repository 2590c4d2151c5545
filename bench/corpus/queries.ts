import { seededRandom } from "../../e2e/support/seeded.ts";
import type { Shares } from "./shares.ts";

/** What somebody types, and how many files there are. */
export interface KnownQuery {
  readonly q: string;
  readonly matches: number;
}

export interface KnownQueries {
  /** At least a page, and under a thousand: one word, or two of which each may be common. */
  readonly selective: readonly KnownQuery[];
  /** Words of which there are so many that nobody counts them. */
  readonly common: readonly KnownQuery[];
}

const PAGE_ROWS = 50;
const MAX_SELECTIVE = 999;
/** A hundredth of all, which the first words of any language reach; and more than a tracker looks at. */
const COMMON_PART = 0.01;
const MIN_COMMON = 4000;
/** A query that is asked twice in a round may be cheaper then: there are enough not to. */
const WANTED = { words: 300, pairs: 300, common: 60 };

type Words = readonly string[];
interface Candidate {
  readonly words: Words;
  /** Different contents one of whose paths has all the words. */
  contents: number;
  /** Different paths that do, of the same content or not. */
  paths: number;
}

/** Letters only, as the tracker folds them: what a word of a query can be found in. */
function tokensOf(path: string): string[] {
  return fold(path).match(/[a-z]+/g) ?? [];
}

function fold(text: string): string {
  const plain = /[^ -~]/.test(text) ? text.normalize("NFKD").replaceAll(/[\u0300-\u036f]/g, "") : text;
  return plain.toLowerCase();
}

/** Looks through all that is shared, twice; takes some seconds for a million files. */
export function chooseQueries(shares: Shares, wanted = WANTED): KnownQueries {
  const random = seededRandom(shares.options.seed ^ 0x51ed270b);
  const { counts, samples } = countWords(shares, random);
  const isCommon = (count: number) =>
    count > Math.max(MIN_COMMON, shares.options.peers * shares.options.filesPerPeer * COMMON_PART);
  const words = shuffled(
    [...counts.keys()].filter((word) => word.length >= 3),
    random,
  );
  const countOf = (word: string) => counts.get(word) ?? 0;
  const candidates = [
    // Half too many: how often a word occurs within others is known only after the second look.
    ...words
      .filter((word) => isSelective(countOf(word)))
      .slice(0, wanted.words * 1.5)
      .map((word) => [word]),
    ...pairsOf(samples, countOf, random).slice(0, wanted.pairs * 4),
    ...words
      .filter((word) => isCommon(countOf(word)))
      .slice(0, wanted.common)
      .map((word) => [word]),
  ].map((words): Candidate => ({ words, contents: 0, paths: 0 }));
  countMatches(shares, candidates, counts);

  const known = ({ words, contents }: Candidate): KnownQuery => ({ q: words.join(" "), matches: contents });
  const selective = candidates.filter(({ contents, paths }) => isSelective(contents) && isSelective(paths));
  return {
    selective: shuffled(
      [
        ...selective.filter(({ words }) => words.length === 1).slice(0, wanted.words),
        ...selective.filter(({ words }) => words.length === 2).slice(0, wanted.pairs),
      ],
      random,
    ).map(known),
    common: candidates.filter(({ words, contents }) => words.length === 1 && isCommon(contents)).map(known),
  };
}

function isSelective(count: number): boolean {
  return count >= PAGE_ROWS && count <= MAX_SELECTIVE;
}

/** How often each word occurs, and the words of some paths. */
function countWords(shares: Shares, random: () => number): { counts: Map<string, number>; samples: Words[] } {
  const counts = new Map<string, number>();
  const samples: Words[] = [];
  for (let peer = 0; peer < shares.options.peers; peer++) {
    for (const { files } of shares.foldersOf(peer)) {
      for (const { path } of files) {
        const tokens = new Set(tokensOf(path));
        for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
        if (random() < 0.02) samples.push([...tokens]);
      }
    }
  }
  return { counts, samples: shuffled(samples, random) };
}

/** Two words of one path, neither of them rare: what somebody types who got too much for one. */
function pairsOf(
  samples: readonly Words[],
  countOf: (word: string) => number,
  random: () => number,
): Words[] {
  const pairs = new Map<string, Words>();
  for (const tokens of samples) {
    const usable = tokens.filter((word) => word.length >= 3 && countOf(word) > MAX_SELECTIVE);
    const [first, second] = shuffled(usable, random);
    if (first !== undefined && second !== undefined) pairs.set(`${first} ${second}`, [first, second]);
  }
  return [...pairs.values()];
}

/** Counts what a search for each would find. */
function countMatches(
  shares: Shares,
  candidates: readonly Candidate[],
  counts: ReadonlyMap<string, number>,
): void {
  const wordsIn = containedWords(new Set(candidates.flatMap(({ words }) => words)), counts.keys());
  // Only few paths have the rarest word, and are looked at more closely.
  const byRarest = Map.groupBy(
    candidates,
    ({ words }) => words.toSorted((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0))[0]!,
  );
  /** Folders that were looked at, by number; and by number and place. */
  const [seen, seenAt] = [new Set<number>(), new Set<string>()];
  for (let peer = 0; peer < shares.options.peers; peer++) {
    for (const { number, prefix, files } of shares.foldersOf(peer)) {
      const place = `${number} ${prefix}`;
      if (seenAt.has(place)) continue;
      seenAt.add(place);
      const isNew = !seen.has(number);
      seen.add(number);
      for (const { path } of files) {
        const found = new Set(tokensOf(prefix + path).flatMap((token) => wordsIn.get(token) ?? []));
        for (const word of found) {
          for (const candidate of byRarest.get(word) ?? []) {
            if (!candidate.words.every((word) => found.has(word))) continue;
            candidate.paths++;
            if (isNew) candidate.contents++;
          }
        }
      }
    }
  }
}

/** For each token the words that are a part of it. */
function containedWords(words: ReadonlySet<string>, tokens: Iterable<string>): Map<string, string[]> {
  const lengths = [...new Set(Array.from(words, (word) => word.length))];
  const contained = new Map<string, string[]>();
  for (const token of tokens) {
    const found = new Set<string>();
    for (const length of lengths) {
      for (let at = 0; at + length <= token.length; at++) {
        const part = token.slice(at, at + length);
        if (words.has(part)) found.add(part);
      }
    }
    if (found.size > 0) contained.set(token, [...found]);
  }
  return contained;
}

function shuffled<T>(items: T[], random: () => number): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
  return items;
}
