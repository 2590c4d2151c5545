import type { AnnouncedFile } from "@panal/sdk";
import { fileIdLength } from "@panal/sdk/thread";
import { invalidField } from "../invalid-fields.ts";
import { createBlocks } from "./sqlite-blocks.ts";
import { createNames } from "./sqlite-names.ts";
import type { Database } from "./sqlite-schema.ts";

/** By how much a list has grown. */
interface Growth {
  readonly files: number;
  readonly size: number;
}

/** What is in the lists: who has what under which name. */
export interface Entries {
  /** The last of two same paths counts. Throws "invalid" before anything is changed. */
  add(list: number, files: readonly AnnouncedFile[]): Growth;
  remove(list: number, paths: readonly string[]): Growth;
  /** Takes some out of a list that nobody sees any more; false when it is empty. */
  clearSome(list: number): boolean;
  /** Forgets some names that nobody has; gives whether there are more. */
  dropUnused(limit: number): boolean;
}

/** Milliseconds since 1970; throws "invalid" for a time the calendar doesn't have. */
function timeOf(file: AnnouncedFile): number {
  const time = Date.parse(file.mtime);
  if (Number.isNaN(time)) throw invalidField("mtime", `no such time: ${file.mtime}`, { value: file.mtime });
  return time;
}

export function createEntries(db: Database): Entries {
  const names = createNames(db);
  const blocks = createBlocks(db);

  function sizeOf(name: number): number {
    return db.get<{ size: number }>(
      "SELECT coalesce(n.size, (SELECT f.size FROM names f WHERE f.id = n.file)) AS size FROM names n WHERE n.id = ?",
      [name],
    )!.size;
  }

  return {
    add(list, files) {
      const times = files.map(timeOf);
      const fresh = new Set<number>();
      const sizes = new Map<number, number>();
      const entries = files.map(({ path, fileId }, index) => {
        const mtime = times[index]!;
        const { id, isNew } = names.name({ path, fileId, mtime }, list);
        if (isNew) fresh.add(id);
        sizes.set(id, fileIdLength(fileId));
        return { path, name: id, mtime };
      });
      const { added, replaced } = blocks.put(list, entries);
      // A path that was given twice has taken its own place: what counts is what came of it all.
      const changes = new Map<number, number>();
      for (const name of added) changes.set(name, (changes.get(name) ?? 0) + 1);
      for (const name of replaced) changes.set(name, (changes.get(name) ?? 0) - 1);
      let size = 0;
      for (const [name, change] of changes) {
        size += change * (sizes.get(name) ?? sizeOf(name));
        if (change > 0 && !fresh.has(name)) names.hold(name, list);
        if (change < 0 || (change === 0 && fresh.has(name))) names.release(name, list);
      }
      return { files: added.length - replaced.length, size };
    },
    remove(list, paths) {
      const removed = blocks.remove(list, paths);
      const size = removed.reduce((sum, name) => sum + sizeOf(name), 0);
      for (const name of removed) names.release(name, list);
      return { files: -removed.length, size: -size };
    },
    clearSome(list) {
      const entries = blocks.takeSome(list);
      for (const { name } of entries) names.release(name, list);
      return entries.length > 0;
    },
    dropUnused: names.dropUnused,
  };
}
