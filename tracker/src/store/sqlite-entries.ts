import type { AnnouncedFile, FileId } from "@panal/sdk";
import { fileIdLength } from "@panal/sdk/thread";
import { invalidField } from "../invalid-fields.ts";
import { createBlocks } from "./sqlite-blocks.ts";
import { createNames } from "./sqlite-names.ts";
import type { Database } from "./sqlite-schema.ts";

interface TimedFile {
  readonly path: string;
  readonly fileId: FileId;
  /** Milliseconds since 1970. */
  readonly mtime: number;
}

/** By how much a list has grown. */
interface Growth {
  readonly files: number;
  readonly size: number;
}

/** What is in the lists: who has what under which name. */
export interface Entries {
  /** Throws "invalid" for a time the calendar doesn't have; `add` does, too, before it changes anything. */
  check(files: readonly AnnouncedFile[]): void;
  /** The last of two same paths counts. */
  add(list: number, files: readonly AnnouncedFile[]): Growth;
  /** The same, of a list that is seen: files that changed in their place cost a tenth. */
  change(list: number, files: readonly AnnouncedFile[]): Growth;
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

  /** `rebound`: whether the name that had the place has taken on the content. */
  function put(
    list: number,
    files: readonly AnnouncedFile[],
    rebound: (old: number, file: TimedFile) => boolean,
  ): Growth {
    const timed = files.map((file): TimedFile => ({ ...file, mtime: timeOf(file) }));
    const fresh = new Set<number>();
    const sizes = new Map<number, number>();
    const { added, replaced } = blocks.put(list, timed, (file, old) => {
      const { mtime } = file;
      if (old !== undefined && rebound(old, file)) return { name: old, mtime };
      const { id, isNew } = names.name(file, list);
      if (isNew) fresh.add(id);
      sizes.set(id, fileIdLength(file.fileId));
      return { name: id, mtime };
    });
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
  }

  return {
    check(files) {
      for (const file of files) timeOf(file);
    },
    add: (list, files) => put(list, files, () => false),
    change(list, files) {
      let grown = 0;
      const { files: count, size } = put(list, files, (old, file) => {
        const growth = names.rebind(old, file, list);
        grown += growth ?? 0;
        return growth !== undefined;
      });
      return { files: count, size: size + grown };
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
