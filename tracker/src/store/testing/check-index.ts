import { DatabaseSync } from "node:sqlite";
import { baseKey } from "../../search/base-key.ts";
import { fold } from "../../search/fold.ts";
import { trigramsOf } from "../../search/trigrams.ts";
import { decodeBlock } from "../entry-block.ts";
import { type InlineLists, decodeLists } from "../sqlite-holders.ts";
import { hasLetters, wordsOf } from "../sqlite-words.ts";

/** Throws when something in a tracker's database doesn't fit the rest of it; gives how many entries there are. */
export function checkIndex(path: string): number {
  const db = new DatabaseSync(path);
  try {
    const ok = db.prepare("PRAGMA integrity_check").all();
    if (ok.length !== 1 || ok[0]!["integrity_check"] !== "ok") throw new Error(JSON.stringify(ok));
    for (const table of ["name_words", "word_letters"])
      db.exec(`INSERT INTO ${table} (${table}, rank) VALUES ('integrity-check', 0)`);
    const held = heldNames(db);
    checkNames(db, held);
    return checkLists(db);
  } finally {
    db.close();
  }
}

/** By name, the lists whose entries it is in. */
function heldNames(db: DatabaseSync): Map<number, Set<number>> {
  const held = new Map<number, Set<number>>();
  for (const row of db.prepare("SELECT list, entries FROM blocks").iterate()) {
    const list = Number(row["list"]);
    for (const { name } of decodeBlock(row["entries"] as Uint8Array)) {
      const lists = held.get(name) ?? new Set();
      if (lists.has(list)) throw new Error(`name ${name} is twice in list ${list}`);
      held.set(name, lists.add(list));
    }
  }
  return held;
}

function checkNames(db: DatabaseSync, held: Map<number, Set<number>>): void {
  const entries = new Map<number, number>();
  const find = db.prepare("SELECT 1 FROM name_words WHERE name_words MATCH ? AND rowid = ?");
  const words = new Set<string>();
  const hasBase = db.prepare("SELECT 1 FROM bases WHERE base = ? AND name = ?");
  const more = db.prepare("SELECT list FROM more_lists WHERE name = ?");
  let named = 0;
  for (const row of db.prepare("SELECT id, path, lists, file FROM names").iterate()) {
    const [id, name] = [Number(row["id"]), row["path"]];
    const lists = [
      ...decodeLists(row["lists"] as InlineLists),
      ...more.all(id).map(({ list }) => Number(list)),
    ];
    const expected = [...(held.get(id) ?? [])].sort((a, b) => a - b);
    if (JSON.stringify(lists.toSorted((a, b) => a - b)) !== JSON.stringify(expected))
      throw new Error(
        `name ${id} (${String(name)}) knows of lists ${lists.join()}, but is in ${expected.join()}`,
      );
    const content = Number(row["file"] ?? id);
    entries.set(content, (entries.get(content) ?? 0) + lists.length);
    if (typeof name !== "string") continue;
    named++;
    if (hasBase.get(baseKey(name), id) === undefined) throw new Error(`name ${id} isn't among the bases`);
    for (const word of wordsOf(fold(name))) {
      if (find.get(`"${word}"`, id) === undefined)
        throw new Error(`name ${id} (${name}) isn't found by ${word}`);
      if (hasLetters(word)) words.add(word);
    }
  }
  checkWords(db, words);
  for (const row of db.prepare("SELECT id, entries FROM names WHERE root IS NOT NULL").iterate()) {
    const [id, counted] = [Number(row["id"]), Number(row["entries"])];
    if (entries.get(id) !== counted) throw new Error(`content ${id} counts ${counted} entries`);
  }
  const count = (sql: string) => Number(db.prepare(sql).get()!["n"]);
  const counts = [
    [count("SELECT count(*) AS n FROM bases"), named],
    [
      count("SELECT count(*) AS n FROM contents"),
      count("SELECT count(*) AS n FROM names WHERE root IS NOT NULL"),
    ],
    [count("SELECT contents AS n FROM totals"), count("SELECT count(*) AS n FROM contents")],
    [count("SELECT size AS n FROM totals"), count("SELECT total(size) AS n FROM names")],
  ];
  for (const [is, should] of counts) if (is !== should) throw new Error(`counts ${JSON.stringify(counts)}`);
}

/** The dictionary has the words of all names, and each is found by its letters. Some that no name has any more are no harm. */
function checkWords(db: DatabaseSync, words: ReadonlySet<string>): void {
  const find = db.prepare(
    "SELECT 1 FROM word_letters l JOIN words w ON w.id = l.rowid WHERE word_letters MATCH ? AND w.word = ?",
  );
  for (const word of words) {
    const letters = [...trigramsOf(word)].map((trigram) => `"${trigram}"`).join(" AND ");
    if (find.get(letters, word) === undefined) throw new Error(`${word} isn't in the dictionary`);
  }
}

function checkLists(db: DatabaseSync): number {
  const blocks = db.prepare("SELECT entries FROM blocks WHERE list = ? ORDER BY first");
  const pathOf = db.prepare("SELECT path FROM names WHERE id = ?");
  let total = 0;
  for (const row of db.prepare("SELECT id, state, file_count AS files FROM lists").all()) {
    const [id, files] = [Number(row["id"]), Number(row["files"])];
    const paths = blocks
      .all(id)
      .flatMap((block) => decodeBlock(block["entries"] as Uint8Array))
      .map(({ name }) => Buffer.from(String(pathOf.get(name)!["path"])));
    const isSorted = paths.every((path, at) => at === 0 || Buffer.compare(paths[at - 1]!, path) < 0);
    if (!isSorted) throw new Error(`list ${id} isn't in order`);
    // One that is being cleared away has less already.
    if (row["state"] !== "garbage" && paths.length !== files)
      throw new Error(`list ${id} counts ${files} files and has ${paths.length}`);
    total += paths.length;
  }
  return total;
}
