import { extensionsOf } from "@panal/sdk/thread";
import { fold } from "../search/fold.ts";
import type { Wanted } from "../search/parse-search.ts";
import { trigramsOf } from "../search/trigrams.ts";
import { WORD_RUNS } from "../search/words.ts";
import type { Sample } from "./sqlite-sample.ts";
import type { Database } from "./sqlite-schema.ts";
import { hasLetters, wordsOf } from "./sqlite-words.ts";

// Names are found by whole words. What somebody types is looked up among all different words first, of which there are far
// fewer than names.

/** Words that are asked for together; each takes some microseconds. */
const MAX_WORDS = 512;

/** What `name_words` is to match: of each group one word. A name it gives may not fit all the same, one it doesn't give does not. */
export interface WordQuery {
  readonly groups: readonly (readonly string[])[];
  /** So many words hold what was typed that some were left out. */
  readonly isPartial: boolean;
  /** Each name it gives holds all words that were typed: they needn't be compared. */
  readonly isExact: boolean;
}

interface WordQueryOptions {
  readonly sample: Sample | undefined;
  /** Of how many names it doesn't matter how many more there are. */
  readonly enough: number;
}

/** Undefined when words don't narrow the search. */
export function wordQuery(db: Database, wanted: Wanted, options: WordQueryOptions): WordQuery | undefined {
  const parts = partsOf(wanted);
  const found = parts.map((part) => termsOf(db, part)).filter((terms) => terms !== undefined);
  // What very many words hold narrows little beside others: it is compared, not sought.
  const whole = found.filter(({ isAll }) => isAll).map(({ terms }) => terms);
  const groups = [...whole, ...extensionTerms(wanted)];
  const isSought = found.length === parts.length && (whole.length === found.length || found.length === 1);
  const isExact = isSought && isOfWholeWords(wanted);
  if (groups.length > 1) return { groups, isPartial: false, isExact };
  const only = groups[0] ?? found[0]?.terms;
  if (only === undefined) return undefined;
  const used = mostUsed(only, options);
  return { groups: [used], isPartial: groups.length === 0 || used.length < only.length, isExact };
}

/** Whether nothing but words is asked for, each without signs or spaces in it. */
function isOfWholeWords({ words: { substrings, starts, signs }, without, exts, kinds }: Wanted): boolean {
  const isOne = (text: string) => wordsOf(text)[0] === text;
  const others = [signs, without.all, exts ?? [], kinds ?? []];
  return others.every(({ length }) => length === 0) && [...substrings, ...starts].every(isOne);
}

/** The words that are in most names, as many as it takes to find enough. */
function mostUsed(terms: readonly string[], { sample, enough }: WordQueryOptions): readonly string[] {
  if (sample === undefined || terms.length === 1) return terms.slice(0, MAX_WORDS);
  const names = new Map(terms.map((term) => [term, sample.namesWith(term.slice(1, -1))]));
  const used = terms.toSorted((a, b) => names.get(b)! - names.get(a)!).slice(0, MAX_WORDS);
  // Names that hold two of the words are counted twice.
  let left = 2 * enough;
  const stop = used.findIndex((term) => (left -= names.get(term)!) < 0);
  return stop < 0 ? used : used.slice(0, stop + 1);
}

/** A run of letters in what was typed. */
interface Part {
  readonly text: string;
  /** A word of the path begins with it: something else is before it. */
  readonly isStart: boolean;
  readonly isEnd: boolean;
}

function partsOf({ words: { substrings, starts } }: Wanted): Part[] {
  return [...substrings, ...starts].flatMap((text, index) =>
    Array.from(text.matchAll(WORD_RUNS), (run): Part => {
      const end = run.index + run[0].length;
      return {
        text: run[0],
        isStart: run.index > 0 || index >= substrings.length,
        isEnd: end < text.length,
      };
    }),
  );
}

interface Terms {
  readonly terms: readonly string[];
  readonly isAll: boolean;
}

/** Words that hold it, as terms of a query; undefined when no index knows. */
function termsOf(db: Database, part: Part): Terms | undefined {
  const { text, isStart, isEnd } = part;
  if (isStart && isEnd) return { terms: [quoted(text)], isAll: true };
  if (!hasLetters(text)) return isStart ? { terms: [`${quoted(text)}*`], isAll: true } : undefined;
  const letters = [...trigramsOf(text)].map(quoted).join(" AND ");
  const words = db.tuples<[string]>(
    `SELECT w.word FROM word_letters l JOIN words w ON w.id = l.rowid WHERE word_letters MATCH ? LIMIT ?`,
    [letters, MAX_WORDS + 1],
  );
  const fitting = words.map(([word]) => word).filter((word) => fits(word, part));
  if (words.length <= MAX_WORDS) return { terms: fitting.map(quoted), isAll: true };
  // Some of very many: what begins with the letters is among them.
  const beginning = db
    .tuples<[string]>("SELECT word FROM words WHERE word >= ? AND word < ? LIMIT ?", [
      text,
      `${text}\u{10ffff}`,
      MAX_WORDS,
    ])
    .map(([word]) => word)
    .filter((word) => fits(word, part));
  return { terms: [...new Set([...beginning, ...fitting])].map(quoted), isAll: false };
}

function fits(word: string, { text, isStart, isEnd }: Part): boolean {
  return isStart ? word.startsWith(text) : isEnd ? word.endsWith(text) : word.includes(text);
}

/** That a path ends in one of the extensions that will do; nothing when not all of them can be sought. */
function extensionTerms({ exts, kinds }: Wanted): string[][] {
  const wanted =
    exts ?? (kinds === undefined || kinds.includes("other") ? undefined : kinds.flatMap(extensionsOf));
  if (wanted === undefined || wanted.length === 0) return [];
  const words = wanted.map((ext) => wordsOf(fold(ext)));
  // Of an extension of several words one is enough.
  return words.every(([word]) => word !== undefined) ? [words.map(([word]) => quoted(word!))] : [];
}

function quoted(term: string): string {
  return `"${term}"`;
}
