import { setImmediate } from "node:timers/promises";
import { fold } from "../search/fold.ts";
import type { Database } from "./sqlite-schema.ts";
import { wordsOf } from "./sqlite-words.ts";

/** Names that are looked at; with fewer, all there is to know is quickly asked of the database. */
const SAMPLE_NAMES = 30_000;
/** Names between two turns for others. */
const SLICE_NAMES = 100;
/** With so many times as many names as when it was taken, a sample is taken anew. */
const GROWTH = 1.5;

/** What names are like, from some of very many. */
export interface Sample {
  /** About how many of all names hold the word. */
  namesWith(word: string): number;
  wordsFrom(character: string, limit: number): string[];
  /** How many of the names of the sample hold the word. */
  wordCount(word: string): number;
}

export interface Sampler {
  /** Undefined as long as there are few names. The first time it takes a second, in turns with others. */
  take(): Promise<Sample | undefined>;
  /** What there is already. */
  readonly current: Sample | undefined;
}

export function createSampler(db: Database): Sampler {
  let taken: { lastId: number; sample: Promise<Sample | undefined> } | undefined;
  let current: Sample | undefined;

  return {
    get current() {
      return current;
    },
    take() {
      const lastId = db.get<{ id: number | null }>("SELECT max(id) AS id FROM names")?.id ?? 0;
      if (lastId < SAMPLE_NAMES) return Promise.resolve(undefined);
      if (taken === undefined || lastId > taken.lastId * GROWTH) {
        const before = taken?.sample;
        const taking = takeSample(db, lastId).then((sample) => (current = sample));
        // The old one will do until then.
        taken = { lastId, sample: before ?? taking };
        taking.then(
          () => (taken = { lastId, sample: taking }),
          () => (taken = undefined),
        );
      }
      return taken.sample;
    },
  };
}

async function takeSample(db: Database, lastId: number): Promise<Sample> {
  const words = new Map<string, number>();
  const step = lastId / SAMPLE_NAMES;
  for (let n = 0; n < SAMPLE_NAMES; n++) {
    if (n % SLICE_NAMES === 0) await setImmediate();
    const row = db.get<{ path: string | null }>("SELECT path FROM names WHERE id >= ? LIMIT 1", [
      Math.floor(n * step),
    ]);
    if (row === undefined || row.path === null) continue;
    for (const word of wordsOf(fold(row.path))) words.set(word, (words.get(word) ?? 0) + 1);
  }
  const byFirst = new Map<string, string[]>();
  for (const word of words.keys()) {
    const first = String.fromCodePoint(word.codePointAt(0)!);
    const known = byFirst.get(first);
    if (known === undefined) byFirst.set(first, [word]);
    else known.push(word);
  }
  return {
    namesWith: (word) => (words.get(word) ?? 0) * step,
    wordCount: (word) => words.get(word) ?? 0,
    wordsFrom: (character, limit) => (byFirst.get(character) ?? []).slice(0, limit),
  };
}
