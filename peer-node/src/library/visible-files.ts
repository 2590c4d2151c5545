import type { FileId } from "@panal/sdk";
import { createFilesByContent } from "./files-by-content.ts";
import { type FolderTree, createFolderTree } from "./folder-tree.ts";
import type { LibraryFile } from "./library-file.ts";
import type { ServedChange } from "./served-files.ts";

/** What can be served now: by path, by content and by folder. Tells each change, in order. */
export interface VisibleFiles {
  readonly tree: FolderTree;
  at(path: string): LibraryFile | undefined;
  /** All that have this content. */
  withId(fileId: FileId): readonly LibraryFile[];
  all(): IterableIterator<LibraryFile>;
  /** Adds, or replaces what is at that path. */
  put(file: LibraryFile): void;
  remove(path: string): void;
}

export function createVisibleFiles(onChange: (change: ServedChange) => void): VisibleFiles {
  const byPath = new Map<string, LibraryFile>();
  const byContent = createFilesByContent();
  const tree = createFolderTree();

  function take(path: string): LibraryFile | undefined {
    const file = byPath.get(path);
    if (file === undefined) return undefined;
    byPath.delete(path);
    tree.remove(file);
    byContent.remove(file);
    return file;
  }

  return {
    tree,
    at: (path) => byPath.get(path),
    withId: byContent.get,
    all: () => byPath.values(),
    put(file) {
      const old = take(file.path);
      byPath.set(file.path, file);
      tree.add(file);
      byContent.add(file);
      // Another disk number or inode is nobody else's business.
      if (old?.fileId !== file.fileId || old.mtimeMs !== file.mtimeMs) onChange({ type: "added", file });
    },
    remove(path) {
      if (take(path) !== undefined) onChange({ type: "removed", path });
    },
  };
}
