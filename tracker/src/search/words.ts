import { fold } from "./fold.ts";

/** A trigram index finds nothing shorter. */
const MIN_SUBSTRING_LENGTH = 3;
/** More words don't narrow a search, they only cost. */
const MAX_WORDS = 16;

/** What a query asks for, folded. */
export interface SearchWords {
  /** The words with one space between them. */
  readonly text: string;
  /** Three characters and more: anywhere in the path. */
  readonly substrings: readonly string[];
  /** One or two characters: where a word of the path starts. */
  readonly starts: readonly string[];
  /** One or two signs, such as "-" or "#": anywhere, since no word starts with them. */
  readonly signs: readonly string[];
}

// oxlint-disable-next-line no-control-regex -- they part words, like spaces
const GAP = /[\s\u0000-\u001f\u007f]+/;

/** Splits what somebody typed into words. */
export function parseWords(query: string): SearchWords {
  const words = [...new Set(fold(query).split(GAP))].filter((word) => word !== "").slice(0, MAX_WORDS);
  // By code point, as the index counts.
  const isLong = (word: string) => Array.from(word).length >= MIN_SUBSTRING_LENGTH;
  const short = words.filter((word) => !isLong(word));
  return {
    text: words.join(" "),
    substrings: words.filter(isLong),
    starts: short.filter(isWordLike),
    signs: short.filter((word) => !isWordLike(word)),
  };
}

/** Letters, digits and pictures make words; the same classes as in the index of word starts (`schema.ts`). */
export const WORD_CATEGORIES = "L* N* Co So Sk";
const WORD_CHARACTER = String.raw`[\p{L}\p{N}\p{Co}\p{So}\p{Sk}]`;
const WORD_LIKE = new RegExp(`^${WORD_CHARACTER}`, "u");

function isWordLike(word: string): boolean {
  return WORD_LIKE.test(word);
}

/** Whether a word of the folded text starts with `prefix`. */
export function hasWordStart(folded: string, prefix: string): boolean {
  for (let at = folded.indexOf(prefix); at >= 0; at = folded.indexOf(prefix, at + 1)) {
    if (!ENDS_IN_WORD.test(folded.slice(Math.max(0, at - 2), at))) return true;
  }
  return false;
}
const ENDS_IN_WORD = new RegExp(`${WORD_CHARACTER}$`, "u");
