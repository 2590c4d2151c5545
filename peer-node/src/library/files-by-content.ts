import type { FileId } from "@panal/sdk";
import type { LibraryFile } from "./library-file.ts";

/** Which files have a content. Most contents have one file, and a set for each of those would be half of the memory. */
export interface FilesByContent {
  add(file: LibraryFile): void;
  remove(file: LibraryFile): void;
  /** In the order they came. */
  get(fileId: FileId): readonly LibraryFile[];
}

export function createFilesByContent(): FilesByContent {
  const files = new Map<FileId, LibraryFile | Set<LibraryFile>>();
  return {
    add(file) {
      const same = files.get(file.fileId);
      if (same === undefined) files.set(file.fileId, file);
      else if (same instanceof Set) same.add(file);
      else files.set(file.fileId, new Set([same, file]));
    },
    remove(file) {
      const same = files.get(file.fileId);
      if (same instanceof Set) same.delete(file);
      if (same === file || (same instanceof Set && same.size === 0)) files.delete(file.fileId);
    },
    get(fileId) {
      const same = files.get(fileId);
      if (same === undefined) return [];
      return same instanceof Set ? [...same] : [same];
    },
  };
}
