import type { FileId } from "@panal/sdk";
import { createEntries } from "./sqlite-entries.ts";
import type { Database } from "./sqlite-schema.ts";

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

/** Brings what an older version kept into the tables of today; a few thousand entries are in memory at a time. */
export function convertEntries(db: Database): void {
  const isThere = (table: string) =>
    db.get("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", [table]) !== undefined;
  if (!isThere("old_entries")) return;
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
  // Once, so that the space the old tables took is given back.
  db.run("VACUUM");
}
