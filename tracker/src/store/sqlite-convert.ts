import type { FileId } from "@panal/sdk";
import { fold } from "../search/fold.ts";
import { createEntries } from "./sqlite-entries.ts";
import { WORD_TABLES } from "./sqlite-index-tables.ts";
import type { Database } from "./sqlite-schema.ts";
import { createWords } from "./sqlite-words.ts";

/** Rows of one transaction. */
const BATCH_ROWS = 2_000;

/**
 * Up to version 4 each entry was a row, with its path, and so was each file. The old tables are set aside in one step with
 * the new ones; then `convertEntries` empties them little by little, and goes on where it was after whatever happened.
 */
export const SET_ENTRIES_ASIDE = `
  DROP TABLE substrings; DROP TABLE word_starts;
  DROP INDEX names_by_base; DROP INDEX files_by_size; DROP INDEX files_by_mtime; DROP INDEX entries_by_name;
  ALTER TABLE names RENAME TO old_names;
  ALTER TABLE files RENAME TO old_files;
  ALTER TABLE entries RENAME TO old_entries;
`;

/**
 * Version 5 found names by their letters. `wordless` says which names, of those there were, still have none of their words in
 * the new tables.
 */
export const FORGET_LETTERS = `
  CREATE TABLE wordless AS SELECT 0 AS after, coalesce(max(id), 0) AS last FROM names;
  DROP TABLE IF EXISTS substrings; DROP TABLE IF EXISTS word_starts;
  ${WORD_TABLES}
`;

/** Brings what an older version kept into the tables of today; a few thousand entries are in memory at a time. */
export function convertEntries(db: Database): void {
  const isThere = (table: string) =>
    db.get("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", [table]) !== undefined;
  const isOld = isThere("old_entries");
  const isWordless = isThere("wordless");
  if (isWordless) indexWords(db);
  if (isOld) bringOver(db);
  // Once, so that the space the old tables took is given back.
  if (isOld || isWordless) db.run("VACUUM");
}

function indexWords(db: Database): void {
  const words = createWords(db);
  for (;;) {
    const isDone = db.transaction(() => {
      const { after, last } = db.get<{ after: number; last: number }>("SELECT after, last FROM wordless")!;
      const rows = db.all<{ id: number; path: string | null }>(
        "SELECT id, path FROM names WHERE id > ? AND id <= ? ORDER BY id LIMIT ?",
        [after, last, BATCH_ROWS],
      );
      for (const { id, path } of rows) if (path !== null) words.add(id, fold(path));
      db.run("UPDATE wordless SET after = ?", [rows.at(-1)?.id ?? last]);
      return rows.length < BATCH_ROWS;
    });
    if (isDone) break;
  }
  db.run("DROP TABLE wordless");
}

function bringOver(db: Database): void {
  const entries = createEntries(db);
  for (;;) {
    const isDone = db.transaction(() => {
      const rows = db.all<{ list: number; path: string; mtime: number; fileId: FileId }>(
        `SELECT e.list, e.path, e.mtime, f.file_id AS fileId FROM old_entries e JOIN old_names n ON n.id = e.name
           JOIN old_files f ON f.id = n.file ORDER BY e.list, e.path LIMIT ?`,
        [BATCH_ROWS],
      );
      for (const [list, ofList] of Map.groupBy(rows, (row) => row.list)) {
        // The lists know already how many there are.
        entries.add(
          list,
          ofList.map(({ path, mtime, fileId }) => ({ path, fileId, mtime: new Date(mtime).toISOString() })),
        );
      }
      const last = rows.at(-1);
      if (last !== undefined) {
        db.run("DELETE FROM old_entries WHERE (list, path) <= (?, ?)", [last.list, last.path]);
      }
      return rows.length < BATCH_ROWS;
    });
    if (isDone) break;
  }
  db.transaction(() => {
    for (const table of ["old_entries", "old_names", "old_files"]) db.run(`DROP TABLE ${table}`);
  });
}
