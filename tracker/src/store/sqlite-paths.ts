import { comparePaths } from "./compare-paths.ts";
import { decodeBlock } from "./entry-block.ts";
import { blockBefore } from "./sqlite-blocks.ts";
import { type NameRow, nameRow } from "./sqlite-name-rows.ts";
import type { Database } from "./sqlite-schema.ts";

/** Entries of a list behind a path, in order; only those that start with the prefix. */
export function pathsFrom(
  db: Database,
  list: number,
  { prefix, after, limit }: { prefix: string; after: string; limit: number },
): { row: NameRow; path: string; mtime: number }[] {
  const start = comparePaths(after, prefix) > 0 ? after : prefix;
  const found: { row: NameRow; path: string; mtime: number }[] = [];
  let block =
    blockBefore(db, list, start) ??
    db.get<{ first: string; entries: Uint8Array }>(
      "SELECT first, entries FROM blocks WHERE list = ? ORDER BY first LIMIT 1",
      [list],
    );
  while (block !== undefined) {
    for (const { name, mtime } of decodeBlock(block.entries)) {
      const row = nameRow(db, name);
      const path = row?.path;
      if (row === undefined || typeof path !== "string") continue;
      if (comparePaths(path, after) <= 0 || comparePaths(path, prefix) < 0) continue;
      if (!path.startsWith(prefix)) return found;
      found.push({ row, path, mtime });
      if (found.length >= limit) return found;
    }
    block = db.get<{ first: string; entries: Uint8Array }>(
      "SELECT first, entries FROM blocks WHERE list = ? AND first > ? ORDER BY first LIMIT 1",
      [list, block.first],
    );
  }
  return found;
}
