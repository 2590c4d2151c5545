import { comparePaths } from "./compare-paths.ts";
import { type BlockEntry, MAX_BLOCK_ENTRIES, decodeBlock, encodeBlock } from "./entry-block.ts";
import type { Database } from "./sqlite-schema.ts";

/** The lists, by path. */
export interface Blocks {
  /**
   * Puts entries in, by path, each path once; `entryFor` is told which name has its place until now. Gives the names that are
   * new in the list, and those whose place they took.
   */
  put<T extends { readonly path: string }>(
    list: number,
    things: readonly T[],
    entryFor: (thing: T, old: number | undefined) => BlockEntry,
  ): { added: number[]; replaced: number[] };
  /** Takes paths out; gives the names they had. Unknown ones are passed over. */
  remove(list: number, paths: readonly string[]): number[];
  /** Takes some entries out, whichever; none when the list is empty. */
  takeSome(list: number): BlockEntry[];
}

type BlockRow = { first: string; entries: Uint8Array };

/** A stretch of a list while it is changed. */
interface OpenBlock {
  /** The key it is stored under; undefined when it isn't yet. */
  readonly first: string | undefined;
  /** Where the next one begins; undefined: it is the list's last. */
  readonly end: string | undefined;
  readonly entries: BlockEntry[];
  readonly paths: (string | undefined)[];
}

export function createBlocks(db: Database): Blocks {
  function pathAt({ entries, paths }: OpenBlock, index: number): string {
    return (paths[index] ??= pathOf(db, entries[index]!.name));
  }

  /** Where the path is, or belongs. */
  function search(block: OpenBlock, path: string): { index: number; isThere: boolean } {
    let [low, high] = [0, block.entries.length];
    // Lists come in order: most entries belong at the end of all.
    if (block.end === undefined && high > 0 && comparePaths(path, pathAt(block, high - 1)) > 0) low = high;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = comparePaths(path, pathAt(block, middle));
      if (order === 0) return { index: middle, isThere: true };
      if (order < 0) high = middle;
      else low = middle + 1;
    }
    return { index: low, isThere: false };
  }

  function open(list: number, path: string): OpenBlock {
    const row =
      blockBefore(db, list, path) ??
      db.get<BlockRow>("SELECT first, entries FROM blocks WHERE list = ? ORDER BY first LIMIT 1", [list]);
    const entries = row === undefined ? [] : decodeBlock(row.entries);
    const end = row && blockAfter(db, list, row.first);
    return { first: row?.first, end, entries, paths: entries.map(() => undefined) };
  }

  function close(list: number, block: OpenBlock): void {
    const { first, end, entries } = block;
    const parts = Math.ceil(entries.length / MAX_BLOCK_ENTRIES);
    // A list that grows at its end has full blocks; one that grows inside, blocks with room.
    const isAtEnd = parts > 1 && end === undefined;
    const size = isAtEnd ? MAX_BLOCK_ENTRIES : Math.ceil(entries.length / Math.max(1, parts));
    if (first !== undefined && entries.length > 0 && comparePaths(first, pathAt(block, 0)) <= 0) {
      // It keeps its key, which may be before its first path.
      const bytes = encodeBlock(entries.slice(0, size));
      db.run("UPDATE blocks SET entries = ? WHERE list = ? AND first = ?", [bytes, list, first]);
    } else {
      if (first !== undefined) db.run("DELETE FROM blocks WHERE list = ? AND first = ?", [list, first]);
      if (entries.length > 0) insert(list, block, { start: 0, size });
    }
    for (let start = size; start < entries.length; start += size) insert(list, block, { start, size });
  }

  function insert(list: number, block: OpenBlock, { start, size }: { start: number; size: number }): void {
    const bytes = encodeBlock(block.entries.slice(start, start + size));
    db.run("INSERT INTO blocks (list, first, entries) VALUES (?, ?, ?)", [list, pathAt(block, start), bytes]);
  }

  /** Opens the blocks that the things belong to, one after the other, and lets each of them be changed once. */
  function change<T>(
    list: number,
    things: readonly T[],
    { pathOfThing, apply }: { pathOfThing(thing: T): string; apply(block: OpenBlock, thing: T): void },
  ): void {
    const sorted = things.toSorted((a, b) => comparePaths(pathOfThing(a), pathOfThing(b)));
    for (let at = 0; at < sorted.length;) {
      const block = open(list, pathOfThing(sorted[at]!));
      const { end } = block;
      const isInside = (thing: T) => end === undefined || comparePaths(pathOfThing(thing), end) < 0;
      do apply(block, sorted[at++]!);
      while (at < sorted.length && isInside(sorted[at]!));
      close(list, block);
    }
  }

  return {
    put(list, things, entryFor) {
      const [added, replaced]: [number[], number[]] = [[], []];
      change(list, things, {
        pathOfThing: ({ path }) => path,
        apply(block, thing) {
          const { index, isThere } = search(block, thing.path);
          const old = isThere ? block.entries[index]!.name : undefined;
          const entry = entryFor(thing, old);
          block.entries.splice(index, isThere ? 1 : 0, entry);
          block.paths.splice(index, isThere ? 1 : 0, thing.path);
          if (old === entry.name) return;
          added.push(entry.name);
          if (old !== undefined) replaced.push(old);
        },
      });
      return { added, replaced };
    },
    remove(list, paths) {
      const removed: number[] = [];
      change(list, [...new Set(paths)], {
        pathOfThing: (path) => path,
        apply(block, path) {
          const { index, isThere } = search(block, path);
          if (!isThere) return;
          removed.push(block.entries[index]!.name);
          block.entries.splice(index, 1);
          block.paths.splice(index, 1);
        },
      });
      return removed;
    },
    takeSome(list) {
      const row = db.get<BlockRow>("SELECT first, entries FROM blocks WHERE list = ? LIMIT 1", [list]);
      if (row === undefined) return [];
      db.run("DELETE FROM blocks WHERE list = ? AND first = ?", [list, row.first]);
      return decodeBlock(row.entries);
    },
  };
}

/** The stretch a path is in, if it is there. */
export function blockBefore(db: Database, list: number, path: string): BlockRow | undefined {
  return db.get<BlockRow>(
    "SELECT first, entries FROM blocks WHERE list = ? AND first <= ? ORDER BY first DESC LIMIT 1",
    [list, path],
  );
}

/** Where the stretch after one begins. */
function blockAfter(db: Database, list: number, first: string): string | undefined {
  return db.get<{ first: string }>(
    "SELECT first FROM blocks WHERE list = ? AND first > ? ORDER BY first LIMIT 1",
    [list, first],
  )?.first;
}

function pathOf(db: Database, name: number): string {
  return db.get<{ path: string }>("SELECT path FROM names WHERE id = ?", [name])!.path;
}
