import { hash } from "node:crypto";
import { type AnnouncedFile, extensionOf, fileIdLength, mediaTypeOf } from "@panal/sdk";
import { createPathFolder } from "../search/base-key.ts";
import { WORD_RUNS } from "../search/words.ts";
import type { Queries } from "./postgres-connection.ts";

/** Characters of a path's beginning that it is sorted by in an index; longer beginnings are compared one by one. */
const MAX_PLACE_LENGTH = 255;
/** Longer words are found by their beginning, and never taken for a misspelt one. */
const MAX_WORD_LENGTH = 64;

/** Stands for a path where it is compared, however long it is. */
export function pathKey(path: string): string {
  return hash("sha256", path, "hex").slice(0, 32);
}

/** Where a path is in the order of paths, by and large: what has another place is in that order. */
export function placeOf(path: string): string {
  return Array.from(path.slice(0, 2 * MAX_PLACE_LENGTH))
    .slice(0, MAX_PLACE_LENGTH)
    .join("");
}

/** The words of a folded path, each once. */
function wordsOf(folded: string): string[] {
  return [
    ...new Set(
      Array.from(folded.matchAll(WORD_RUNS), ([word]) => word.slice(0, MAX_WORD_LENGTH).toWellFormed()),
    ),
  ];
}

/** As a tsvector is written. No word has a quote or a backslash. */
function vectorOf(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(" ");
}

/** A file of a list, with its time as a number. */
export interface TimedFile {
  readonly file: AnnouncedFile;
  readonly mtime: number;
}

/** Arrays for `unnest`, one of each column. */
export function columnsOf(files: readonly TimedFile[]) {
  return {
    roots: files.map(({ file }) => file.fileId.slice(0, 64)),
    sizes: files.map(({ file }) => fileIdLength(file.fileId)),
    keys: files.map(({ file }) => pathKey(file.path)),
    mtimes: files.map(({ mtime }) => mtime),
  };
}

/**
 * Makes files and names that aren't there yet; paths are different ones. Three statements, however many there are. Numbers
 * are given in the order of the files.
 */
export async function ensureNames(db: Queries, files: readonly TimedFile[]): Promise<void> {
  const { roots, sizes, keys } = columnsOf(files);
  await ensureFiles(db, files);
  const foldPath = createPathFolder();
  const texts = files.map(({ file: { path } }) => ({ path, ...foldPath(path) }));
  const words = texts.map(({ folded }) => wordsOf(folded));
  const added = await db.all<{ id: number; place: number }>(
    `WITH wanted AS (
       SELECT * FROM unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
         $9::text[]) WITH ORDINALITY AS w (root, size, path_key, path, folded, base, ext, kind, words, place)),
     added AS (
       INSERT INTO names (file, path_key, path, folded, base, ext, kind, words)
       SELECT f.id, w.path_key, w.path, w.folded, w.base, w.ext, w.kind, w.words::tsvector
       FROM wanted w JOIN files f ON f.root = decode(w.root, 'hex') AND f.size = w.size
       WHERE NOT EXISTS (SELECT 1 FROM names n WHERE n.file = f.id AND n.path_key = w.path_key)
       ORDER BY w.place ON CONFLICT (file, path_key) DO NOTHING RETURNING id, path_key)
     SELECT a.id, w.place FROM added a JOIN wanted w ON w.path_key = a.path_key ORDER BY a.id`,
    [
      roots,
      sizes,
      keys,
      texts.map(({ path }) => path),
      texts.map(({ folded }) => folded),
      texts.map(({ base }) => base),
      texts.map(({ path }) => extensionOf(path)),
      texts.map(({ path }) => mediaTypeOf(path).kind),
      words.map(vectorOf),
    ],
  );
  const witnesses = new Map<string, number>();
  for (const { id, place } of added) for (const word of words[place - 1]!) witnesses.set(word, id);
  if (witnesses.size === 0) return;
  // In order, so that two who add the same words don't wait for each other in turn.
  await db.run(
    `INSERT INTO words (word, witness) SELECT w.word, w.witness FROM unnest($1::text[], $2::bigint[]) AS w (word, witness)
     ORDER BY w.word COLLATE "C" ON CONFLICT (word) DO NOTHING`,
    [[...witnesses.keys()], [...witnesses.values()]],
  );
}

async function ensureFiles(db: Queries, files: readonly TimedFile[]): Promise<void> {
  const latest = new Map<string, TimedFile>();
  for (const each of files) {
    const known = latest.get(each.file.fileId);
    if (known === undefined || known.mtime < each.mtime) latest.set(each.file.fileId, each);
  }
  const { roots, sizes, mtimes } = columnsOf([...latest.values()]);
  await db.run(
    `WITH wanted AS (
       SELECT decode(w.root, 'hex') AS root, w.size, w.mtime, w.place
       FROM unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS w (root, size, mtime, place)),
     added AS (
       INSERT INTO files (root, size, mtime)
       SELECT w.root, w.size, w.mtime FROM wanted w
       WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.root = w.root AND f.size = w.size)
       ORDER BY w.place ON CONFLICT (root, size) DO NOTHING)
     UPDATE files f SET mtime = w.mtime FROM wanted w WHERE f.root = w.root AND f.size = w.size AND f.mtime < w.mtime`,
    [roots, sizes, mtimes],
  );
}

/**
 * Forgets names nobody uses any more, and files with their last names. Whoever has found one of them meanwhile, and uses
 * it, is in the way by the foreign keys: then it is tried again.
 */
export async function dropUnused(db: Queries, names: readonly number[]): Promise<void> {
  if (names.length === 0) return;
  const gone = await db.all<{ id: number; file: number }>(
    `DELETE FROM names n WHERE n.id = ANY($1::bigint[])
       AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.name = n.id) RETURNING n.id, n.file`,
    [names],
  );
  if (gone.length === 0) return;
  await db.run(
    `DELETE FROM files f WHERE f.id = ANY($1::bigint[]) AND NOT EXISTS (SELECT 1 FROM names n WHERE n.file = f.id)`,
    [[...new Set(gone.map(({ file }) => file))]],
  );
  await db.run("UPDATE words SET witness = NULL WHERE witness = ANY($1::bigint[])", [
    gone.map(({ id }) => id),
  ]);
}

/**
 * Finds other names for words whose names went, or forgets the words; gives how many it looked at. A name with such a
 * word that comes at this very moment may leave it forgotten: it is found all the same, only not when it is misspelt.
 */
export async function sweepWords(db: Queries, limit: number): Promise<number> {
  const orphans = await db.all<{ word: string }>(
    "SELECT word FROM words WHERE witness IS NULL LIMIT $1 FOR UPDATE SKIP LOCKED",
    [limit],
  );
  if (orphans.length === 0) return 0;
  await db.run(
    `WITH orphans AS (
       SELECT o.word, (SELECT n.id FROM names n WHERE n.words @@ ('''' || o.word || '''')::tsquery LIMIT 1) AS heir
       FROM unnest($1::text[]) AS o (word)),
     moved AS (
       UPDATE words w SET witness = o.heir FROM orphans o WHERE w.word = o.word AND o.heir IS NOT NULL)
     DELETE FROM words w USING orphans o WHERE w.word = o.word AND o.heir IS NULL`,
    [orphans.map(({ word }) => word)],
  );
  return orphans.length;
}
