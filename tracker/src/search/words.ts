import { fold } from "./fold.ts";

/** A trigram index finds nothing shorter. */
const MIN_SUBSTRING_LENGTH = 3;
/** More words don't narrow a search, they only cost. */
const MAX_WORDS = 16;

/** What a path has to hold, folded. */
export interface SearchWords {
  /** The words with one space between them. */
  readonly text: string;
  /** All of them, as they were typed one after the other. */
  readonly all: readonly string[];
  /** Three characters and more: anywhere in the path. A phrase is one of them, spaces and all. */
  readonly substrings: readonly string[];
  /** One or two characters: where a word of the path starts. */
  readonly starts: readonly string[];
  /** One or two signs, such as "-" or "#": anywhere, since no word starts with them. */
  readonly signs: readonly string[];
}

/** Sorts words and phrases by how they are sought. */
export function searchWords(texts: readonly string[]): SearchWords {
  const all = [...new Set(texts.map((text) => fold(text.toWellFormed())))]
    .filter((word) => word !== "")
    .slice(0, MAX_WORDS);
  // By code point, as the index counts.
  const isLong = (word: string) => Array.from(word).length >= MIN_SUBSTRING_LENGTH;
  const short = all.filter((word) => !isLong(word));
  return {
    text: all.join(" "),
    all,
    substrings: all.filter(isLong),
    starts: short.filter(isWordLike),
    signs: short.filter((word) => !isWordLike(word)),
  };
}

/** Letters, digits and pictures make words. */
const WORD_CHARACTER = String.raw`[\p{L}\p{N}\p{Co}\p{So}\p{Sk}]`;
const WORD_LIKE = new RegExp(`^${WORD_CHARACTER}`, "u");
const ENDS_IN_WORD = new RegExp(`${WORD_CHARACTER}$`, "u");
/** Runs of what makes a word. */
export const WORD_RUNS = new RegExp(`${WORD_CHARACTER}+`, "gu");

/** Whether it starts with what makes words. */
export function isWordLike(word: string): boolean {
  return WORD_LIKE.test(word);
}

/** Whether a word of the folded text starts with `prefix`. */
export function hasWordStart(folded: string, prefix: string): boolean {
  return occurrences(folded, prefix).some((at) => !endsInWord(folded, at));
}

/** Whether the folded text holds `word` with nothing of a word right before or after it. */
export function hasWholeWord(folded: string, word: string): boolean {
  return occurrences(folded, word).some(
    (at) => !endsInWord(folded, at) && !WORD_LIKE.test(folded.slice(at + word.length, at + word.length + 2)),
  );
}

function endsInWord(folded: string, end: number): boolean {
  return ENDS_IN_WORD.test(folded.slice(Math.max(0, end - 2), end));
}

function occurrences(text: string, part: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) found.push(at);
  return found;
}
