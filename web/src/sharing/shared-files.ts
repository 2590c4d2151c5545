import { type FileId, type Manifest, PanalError } from "@panal/sdk";
import type { GrowingContent } from "./growing-content.ts";

/** A tracker takes no more of one peer unless its operator says so, and a page has to hold what it shares. */
const MAX_SHARED_FILES = 50_000;

/** A file of the person's that anybody may fetch. */
export interface SharedFile {
  /** What was picked, "/" and the path in it. */
  readonly path: string;
  /** As it was when it was hashed: the browser refuses to read it once it is another. Or as far as it is here. */
  readonly file: Blob | GrowingContent;
  readonly manifest: Manifest;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
}

export type FolderEntry =
  | { readonly type: "folder"; readonly name: string; readonly fileCount: number; readonly totalSize: number }
  | { readonly type: "file"; readonly name: string; readonly file: SharedFile };

export interface FolderPage {
  readonly entries: readonly FolderEntry[];
  /** Empty on the last one. */
  readonly nextPageToken: string;
}

/** What is shared, by path and by content. */
export interface SharedFiles {
  /** Throws "too-large" when there are too many. */
  add(file: SharedFile): void;
  remove(path: string): void;
  find(fileId: FileId): SharedFile | undefined;
  all(): Iterable<SharedFile>;
  /**
   * A page of a folder ("" is the top), folders first, each by name; it goes on after the last name of the one before. Throws "not-found",
   * and "invalid" for a page token of somebody's making.
   */
  list(folder: string, page: { size: number; token: string }): FolderPage;
  /** Calls back after each change; gives what ends that. */
  subscribe(listener: () => void): () => void;
  readonly fileCount: number;
  /** Bytes. */
  readonly totalSize: number;
  /** Whether more will come. */
  isIndexing: boolean;
}

export function createSharedFiles(): SharedFiles {
  const byPath = new Map<string, SharedFile>();
  const byId = new Map<FileId, Set<SharedFile>>();
  const listeners = new Set<() => void>();
  /** Entries of folders that were asked for, until something changes. */
  const listed = new Map<string, FolderEntry[]>();
  let totalSize = 0;

  function changed(): void {
    listed.clear();
    for (const listener of listeners) listener();
  }

  function drop(path: string): void {
    const file = byPath.get(path);
    if (file === undefined) return;
    byPath.delete(path);
    totalSize -= file.manifest.length;
    const same = byId.get(file.manifest.fileId);
    same?.delete(file);
    if (same?.size === 0) byId.delete(file.manifest.fileId);
  }

  function entriesOf(folder: string): FolderEntry[] {
    const known = listed.get(folder);
    if (known !== undefined) return known;
    const entries = sorted(childrenOf(folder, byPath.values()));
    if (entries.length === 0 && folder !== "") {
      throw new PanalError("not-found", `no folder ${JSON.stringify(folder)} here`);
    }
    listed.set(folder, entries);
    return entries;
  }

  return {
    isIndexing: false,
    add(file) {
      drop(file.path);
      if (byPath.size >= MAX_SHARED_FILES) {
        throw new PanalError("too-large", `a tab shares at most ${MAX_SHARED_FILES} files`);
      }
      byPath.set(file.path, file);
      totalSize += file.manifest.length;
      const same = byId.get(file.manifest.fileId);
      if (same === undefined) byId.set(file.manifest.fileId, new Set([file]));
      else same.add(file);
      changed();
    },
    remove(path) {
      drop(path);
      changed();
    },
    find: (fileId) => byId.get(fileId)?.values().next().value,
    all: () => byPath.values(),
    list(folder, { size, token }) {
      const entries = entriesOf(folder);
      const start = token === "" ? 0 : firstAfter(entries, token);
      const page = entries.slice(start, start + size);
      const last = page.at(-1);
      const hasMore = start + size < entries.length && last !== undefined;
      return { entries: page, nextPageToken: hasMore ? keyOf(last) : "" };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get fileCount() {
      return byPath.size;
    },
    get totalSize() {
      return totalSize;
    },
  };
}

function childrenOf(folder: string, files: Iterable<SharedFile>): FolderEntry[] {
  const prefix = folder === "" ? "" : `${folder}/`;
  const children: FolderEntry[] = [];
  const folders = new Map<string, { fileCount: number; totalSize: number }>();
  for (const file of files) {
    if (!file.path.startsWith(prefix)) continue;
    const rest = file.path.slice(prefix.length);
    const slash = rest.indexOf("/");
    if (slash < 0) {
      children.push({ type: "file", name: rest, file });
      continue;
    }
    const name = rest.slice(0, slash);
    const sums = folders.get(name) ?? { fileCount: 0, totalSize: 0 };
    sums.fileCount++;
    sums.totalSize += file.manifest.length;
    folders.set(name, sums);
  }
  for (const [name, sums] of folders) children.push({ type: "folder", name, ...sums });
  return children;
}

/** Folders before files, by code unit: the same everywhere, and what page tokens are compared by. */
function keyOf({ type, name }: FolderEntry): string {
  return `${type === "folder" ? "d" : "f"}${name}`;
}

function sorted(entries: FolderEntry[]): FolderEntry[] {
  return entries.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function firstAfter(entries: readonly FolderEntry[], token: string): number {
  if (!/^[df]/.test(token)) throw new PanalError("invalid", "page_token: not one of ours");
  const index = entries.findIndex((entry) => keyOf(entry) > token);
  return index < 0 ? entries.length : index;
}
