import { WORD_RUNS } from "../search/words.ts";
import type { Database } from "./sqlite-schema.ts";

/** What is in `word_letters`: shorter words have no three letters to be found by. */
const MIN_LETTERS = 3;
/** Words that are known to be in the dictionary already: nearly all of a new path are. */
const MAX_KNOWN = 50_000;

/** What the words of paths are found by. */
export interface Words {
  add(name: number, folded: string): void;
  /** The same path as was added: the index has no text of its own. Its words stay, for `dropUnused`. */
  remove(name: number, folded: string): void;
  /** Forgets those of the words of removed paths that no path has any more. */
  dropUnused(): void;
}

/** The different words of a folded path. */
export function wordsOf(folded: string): string[] {
  return [...new Set(folded.match(WORD_RUNS))];
}

/** Whether a word is in the dictionary, to be found by its letters; by code point, as the index counts. */
export function hasLetters(word: string): boolean {
  return Array.from(word).length >= MIN_LETTERS;
}

export function createWords(db: Database): Words {
  const known = new Set<string>();
  const removed = new Set<string>();
  let rollbacks = db.rollbacks;

  function learn(word: string): void {
    if (known.has(word)) return;
    const { changes, id } = db.run("INSERT OR IGNORE INTO words (word) VALUES (?)", [word]);
    if (changes > 0) db.run("INSERT INTO word_letters (rowid, word) VALUES (?, ?)", [id, word]);
    if (known.size >= MAX_KNOWN) known.clear();
    known.add(word);
  }

  return {
    add(name, folded) {
      // What was learnt in a change that was taken back isn't there.
      if (rollbacks !== db.rollbacks) known.clear();
      rollbacks = db.rollbacks;
      const words = wordsOf(folded);
      db.run("INSERT INTO name_words (rowid, words) VALUES (?, ?)", [name, words.join(" ")]);
      for (const word of words) if (hasLetters(word)) learn(word);
    },
    remove(name, folded) {
      const words = wordsOf(folded);
      db.run("INSERT INTO name_words (name_words, rowid, words) VALUES ('delete', ?, ?)", [
        name,
        words.join(" "),
      ]);
      for (const word of words) if (hasLetters(word)) removed.add(word);
    },
    dropUnused() {
      for (const word of removed) {
        const isUsed = db.get("SELECT 1 FROM name_words WHERE name_words MATCH ? LIMIT 1", [`"${word}"`]);
        const id = isUsed
          ? undefined
          : db.get<{ id: number }>("SELECT id FROM words WHERE word = ?", [word])?.id;
        if (id === undefined) continue;
        db.run("DELETE FROM words WHERE id = ?", [id]);
        db.run("INSERT INTO word_letters (word_letters, rowid, word) VALUES ('delete', ?, ?)", [id, word]);
        known.delete(word);
      }
      removed.clear();
    },
  };
}
