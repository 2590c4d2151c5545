import { WORD_RUNS } from "./words.ts";

/** Shorter words are near too many others. */
const MIN_LENGTH = 4;
/** From here on two slips are forgiven. */
const MIN_LENGTH_FOR_TWO = 8;
/** Corrections tried for one word. */
const MAX_TRIED = 5;

/** Names with a word are counted up to here: among more, it doesn't matter. */
export const MAX_COUNTED_NAMES = 1_000;

interface Vocabulary {
  /** Words of names that start with the character; not all when there are very many. */
  startingWith(character: string): Promise<readonly string[]>;
  /** How many names hold each of the words; of more than MAX_COUNTED_NAMES that many. */
  countNames(words: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Whether a name that can be seen holds the text. */
  has(text: string): Promise<boolean>;
}

/** The words with those nobody uses put right, or undefined when that can't be done for each of them. */
export async function correctWords(
  words: readonly string[],
  vocabulary: Vocabulary,
): Promise<string[] | undefined> {
  const corrected: string[] = [];
  for (const word of words) {
    const better = (await vocabulary.has(word)) ? word : await correctRuns(word, vocabulary);
    if (better === undefined) return undefined;
    corrected.push(better);
  }
  return corrected.every((word, index) => word === words[index]) ? undefined : corrected;
}

/** "witner.pfd" is two words to the vocabulary. */
async function correctRuns(text: string, vocabulary: Vocabulary): Promise<string | undefined> {
  let corrected = "";
  let end = 0;
  for (const match of text.matchAll(WORD_RUNS)) {
    const [run] = match;
    const better = (await vocabulary.has(run)) ? run : await correctWord(run, vocabulary);
    if (better === undefined) return undefined;
    corrected += text.slice(end, match.index) + better;
    end = match.index + run.length;
  }
  return corrected + text.slice(end);
}

async function correctWord(word: string, vocabulary: Vocabulary): Promise<string | undefined> {
  const characters = Array.from(word);
  if (characters.length < MIN_LENGTH) return undefined;
  const limit = characters.length < MIN_LENGTH_FOR_TWO ? 1 : 2;
  const near: { word: string; slips: number }[] = [];
  // The first letter is seldom wrong, but may have changed places with the second.
  for (const first of new Set(characters.slice(0, 2))) {
    for (const known of await vocabulary.startingWith(first)) {
      const slips = countSlips(characters, Array.from(known), limit);
      if (slips <= limit) near.push({ word: known, slips });
    }
  }
  if (near.length === 0) return undefined;
  const names = await vocabulary.countNames(near.map(({ word: known }) => known));
  const namesOf = ({ word: known }: { word: string }) => names.get(known) ?? 0;
  near.sort((a, b) => a.slips - b.slips || namesOf(b) - namesOf(a) || (a.word < b.word ? -1 : 1));
  for (const { word: tried } of near.slice(0, MAX_TRIED)) if (await vocabulary.has(tried)) return tried;
  return undefined;
}

/**
 * How many characters were left out, added, changed, or swapped with their neighbour (optimal string alignment). More than
 * `limit` may be given as anything above it.
 */
export function countSlips(a: readonly string[], b: readonly string[], limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      let slips = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (isSame ? 0 : 1));
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) slips = Math.min(slips, beforeLast[column - 2]! + 1);
      current.push(slips);
    }
    if (Math.min(...current) > limit && Math.min(...last) > limit) return limit + 1;
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}
