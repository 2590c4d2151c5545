import { PanalError } from "@panal/sdk";
import type { ServedFile } from "./served-files.ts";

/** A file or folder directly in a folder, under its own name. */
export type FolderItem =
  | { readonly type: "folder"; readonly name: string; readonly fileCount: number; readonly totalSize: number }
  | { readonly type: "file"; readonly name: string; readonly file: ServedFile };

export interface FolderPage {
  readonly items: readonly FolderItem[];
  /** For the next page; undefined on the last one. */
  readonly nextPageToken: string | undefined;
}

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: Map<string, ServedFile>;
  /** In it and in all below. */
  fileCount: number;
  totalSize: number;
  /** Names in the order of pages, until something comes or goes. */
  sorted: { folders: string[]; files: string[] } | undefined;
}

/** Folders and what is in them, with sums, kept up to date file by file. Folders without files don't exist. */
export interface FolderTree {
  add(file: ServedFile): void;
  remove(file: ServedFile): void;
  /**
   * A page of a folder ("" is the top), folders first, each by name. A page goes on after the last name of the one
   * before, whatever came or went meanwhile. Throws "not-found", and "invalid" for a page token of somebody's making.
   */
  list(folder: string, page: { size: number; token: string }): FolderPage;
  /** All files in a folder and below, or the one file at that path. */
  below(path: string): IterableIterator<ServedFile>;
  readonly fileCount: number;
  readonly totalSize: number;
}

export function createFolderTree(): FolderTree {
  const top = createFolder();

  /** The folders on the way to a file, outermost first, made where they are missing. */
  function foldersOf(path: string): { folders: Folder[]; names: string[]; name: string } {
    const names = path.split("/");
    const name = names.pop()!;
    const folders = [top];
    for (const each of names) {
      const parent = folders.at(-1)!;
      let child = parent.folders.get(each);
      if (child === undefined) {
        child = createFolder();
        parent.folders.set(each, child);
        parent.sorted = undefined;
      }
      folders.push(child);
    }
    return { folders, names, name };
  }

  function find(path: string): Folder | undefined {
    let folder: Folder | undefined = top;
    if (path !== "") for (const name of path.split("/")) folder = folder?.folders.get(name);
    return folder;
  }

  return {
    add(file) {
      const { folders, name } = foldersOf(file.path);
      const parent = folders.at(-1)!;
      parent.files.set(name, file);
      parent.sorted = undefined;
      for (const folder of folders) {
        folder.fileCount++;
        folder.totalSize += file.size;
      }
    },
    remove(file) {
      const { folders, names, name } = foldersOf(file.path);
      const parent = folders.at(-1)!;
      if (!parent.files.delete(name)) return;
      parent.sorted = undefined;
      for (const folder of folders) {
        folder.fileCount--;
        folder.totalSize -= file.size;
      }
      for (let depth = folders.length - 1; depth > 0 && folders[depth]!.fileCount === 0; depth--) {
        folders[depth - 1]!.folders.delete(names[depth - 1]!);
        folders[depth - 1]!.sorted = undefined;
      }
    },
    list(path, { size, token }) {
      const folder = find(path);
      if (folder === undefined) throw new PanalError("not-found", `no folder ${JSON.stringify(path)} here`);
      folder.sorted ??= { folders: sortedKeys(folder.folders), files: sortedKeys(folder.files) };
      const { folders, files } = folder.sorted;
      const total = folders.length + files.length;
      const start = startOf(token, folder.sorted);
      const end = Math.min(start + size, total);
      const items: FolderItem[] = [];
      for (let index = start; index < end; index++) {
        const folderName = folders[index];
        if (folderName !== undefined) {
          const { fileCount, totalSize } = folder.folders.get(folderName)!;
          items.push({ type: "folder", name: folderName, fileCount, totalSize });
        } else {
          const name = files[index - folders.length]!;
          items.push({ type: "file", name, file: folder.files.get(name)! });
        }
      }
      return { items, nextPageToken: end < total ? tokenAfter(items.at(-1)) : undefined };
    },
    *below(path) {
      if (path !== "") {
        const slash = path.lastIndexOf("/");
        const file = find(slash < 0 ? "" : path.slice(0, slash))?.files.get(path.slice(slash + 1));
        if (file !== undefined) yield file;
      }
      const folder = find(path);
      if (folder !== undefined) yield* filesBelow(folder);
    },
    get fileCount() {
      return top.fileCount;
    },
    get totalSize() {
      return top.totalSize;
    },
  };
}

function createFolder(): Folder {
  return { folders: new Map(), files: new Map(), fileCount: 0, totalSize: 0, sorted: undefined };
}

function* filesBelow(folder: Folder): IterableIterator<ServedFile> {
  yield* folder.files.values();
  for (const child of folder.folders.values()) yield* filesBelow(child);
}

/** By code unit: the same everywhere, and what page tokens are compared by. */
function sortedKeys(map: ReadonlyMap<string, unknown>): string[] {
  return [...map.keys()].sort((a, b) => (a < b ? -1 : 1));
}

/** The kind and name of the last item, so that it works even when that item has gone. */
function tokenAfter(item: FolderItem | undefined): string | undefined {
  if (item === undefined) return undefined;
  return Buffer.from(`${item.type === "folder" ? "d" : "f"}${item.name}`).toString("base64url");
}

function startOf(token: string, sorted: { folders: string[]; files: string[] }): number {
  if (token === "") return 0;
  const text = Buffer.from(token, "base64url").toString();
  const name = text.slice(1);
  switch (text[0]) {
    case "d":
      return firstAfter(sorted.folders, name);
    case "f":
      return sorted.folders.length + firstAfter(sorted.files, name);
    default:
      throw new PanalError("invalid", "page_token: not one of ours");
  }
}

/** Index of the first name behind `name`. */
function firstAfter(names: readonly string[], name: string): number {
  let [start, end] = [0, names.length];
  while (start < end) {
    const middle = (start + end) >> 1;
    if (names[middle]! <= name) start = middle + 1;
    else end = middle;
  }
  return start;
}
