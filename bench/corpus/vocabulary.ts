import { seededRandom } from "../../e2e/support/seeded.ts";

/** Words, and how often each is used: the word of rank r a rth as often as the first, as in any language (Zipf). */
export interface Vocabulary {
  /** Most used first. */
  readonly words: readonly string[];
  /** A word, by a number from 0 to 1. */
  pick(random: () => number): string;
}

// Weighted by how often they are named here. So the pieces of three letters that an index works with are as unevenly spread as
// those of names are.
const ONSETS =
  "b c d f g h j k l m n p r s t v w b c d l m m n p r r s s s t t ch sh th br cr dr fr gr pl pr st tr sp cl bl fl qu z".split(
    " ",
  );
const VOWELS = "a a a a e e e e e i i i o o o u u y ai ea ee ia io ou ie au é á ñó ü".split(" ");
const CODAS = ["", "", "", "", "", ..."n n n r r s s t l l m d k ck nd nt st ng rd ll ss x ts".split(" ")];
/** Of a word of each length in syllables. Frequent words are short. */
const SYLLABLES = [1, 2, 2, 2, 3, 3, 4];

export function createVocabulary({ seed, size }: { seed: number; size: number }): Vocabulary {
  const random = seededRandom(seed);
  const pickOf = (from: readonly string[]) => from[Math.floor(random() * from.length)]!;
  const words = new Set<string>();
  while (words.size < size) {
    const share = words.size / size;
    // The first hundred of a large vocabulary have a syllable or two, the last ones any number.
    const longest = Math.max(1, Math.ceil(SYLLABLES.length * Math.min(1, share * 20 + 0.4)));
    const syllables = SYLLABLES[Math.floor(random() * longest)]!;
    let word = "";
    for (let index = 0; index < syllables; index++) word += pickOf(ONSETS) + pickOf(VOWELS);
    word += pickOf(CODAS);
    if (word.length >= 3) words.add(word);
  }

  const inOrder = [...words];
  const upTo = new Float64Array(size);
  let sum = 0;
  for (let rank = 1; rank <= size; rank++) upTo[rank - 1] = sum += 1 / rank;
  return {
    words: inOrder,
    pick(random) {
      const wanted = random() * sum;
      let [low, high] = [0, size - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (upTo[middle]! < wanted) low = middle + 1;
        else high = middle;
      }
      return inOrder[low]!;
    },
  };
}
