import { lstat } from "node:fs/promises";
import { join } from "node:path";
import {
  type Clock,
  type FileId,
  MAX_FILE_LENGTH,
  type Manifest,
  PanalError,
  baseName,
  manifestOfSinglePiece,
  systemClock,
} from "@panal/sdk";
import { type FileStamp, isSameContent, stampOf } from "./file-stamp.ts";
import { createFolderScanner } from "./folder-scanner.ts";
import type { FileHasher } from "./hash-pool.ts";
import { type HashProgress, createHashQueue } from "./hash-queue.ts";
import type { IndexDb, IndexRow } from "./index-db.ts";
import { type LibraryFile, libraryFileOf } from "./library-file.ts";
import { createManifestShelf } from "./manifest-shelf.ts";
import { type OpenedFile, openShared } from "./open-file.ts";
import { createRefreshQueue } from "./refresh-queue.ts";
import { type Found, reasonOf } from "./scan.ts";
import type { AnnouncedFiles, ServedChange, ServedFiles, ServedStatus } from "./served-files.ts";
import { createVisibleFiles } from "./visible-files.ts";

export interface LibraryOptions {
  /** Real path of the share (`resolveShareRoot`). */
  root: string;
  index: IndexDb;
  hasher: FileHasher;
  /** Whether names that begin with a dot are shared, too; default no. */
  includeHidden?: boolean;
  /** When to begin to look at the folder; default at once. Until then it counts as indexing. */
  begin?: Promise<void>;
  /** The share's own folder can't be read, or can be again. */
  onRoot?: (state: { type: "lost"; error: PanalError } | { type: "back" }) => void;
  clock?: Clock;
  /** Milliseconds since 1970. */
  now?: () => number;
}

export interface LibraryStatus extends ServedStatus {
  readonly hashing: HashProgress | undefined;
  /** What is in the folder and isn't shared: path (only for showing) and why. */
  readonly skipped: ReadonlyMap<string, string>;
}

/** A shared folder: what can be served from it, kept in step with the disk. */
export interface Library extends ServedFiles, AnnouncedFiles {
  readonly root: string;
  status(): LibraryStatus;
  all(): IterableIterator<LibraryFile>;
  /** Checked to be what was hashed. */
  open(fileId: FileId): Promise<OpenedFile | undefined>;
  /** Where a file with this content is, `wanted` if one is there; undefined when there is none. */
  pathOf(fileId: FileId, wanted: string): string | undefined;
  /** Takes a file that was just put there by ourselves, whose content is known, without hashing it. */
  adopt(path: string, manifest: Manifest): Promise<void>;
  /** Looks at a file or folder again ("" is everything); settles when it was looked at. Hashing comes after. */
  refresh(path: string): Promise<void>;
  /** Settles when nothing is left to look at or to hash. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Longer than a watcher gathers what happened before it tells. */
const WATCHED_MS = 2_000;

type FoundFile = Extract<Found, { type: "file" }>;

/** Opens a share: its folder is read from the beginning, and what was hashed before is there as it is found. */
export function openLibrary(options: LibraryOptions): Library {
  const { root, index, hasher, includeHidden = false, clock = systemClock, now = Date.now } = options;
  const listeners = new Set<(change: ServedChange) => void>();
  const visible = createVisibleFiles((change) => {
    for (const listener of listeners) listener(change);
  });
  const manifests = createManifestShelf(index);
  const skipped = new Map<string, string>();
  const scanner = createFolderScanner();
  const closing = new AbortController();
  /** Those that are to be looked at once more. */
  const adopted = new Set<string>();
  let isLookingAgain = false;
  let isRootLost = false;
  let isStarting = true;

  /** A watcher says nothing of what comes and goes within moments. */
  async function lookAgain(): Promise<void> {
    isLookingAgain = true;
    while (adopted.size > 0) {
      const paths = [...adopted];
      adopted.clear();
      await clock.sleep(WATCHED_MS, closing.signal);
      for (const path of paths) void refreshes.add(path);
    }
    isLookingAgain = false;
  }

  const hashes = createHashQueue({
    root,
    hasher,
    clock,
    now,
    onHashed(path, stamp, manifest) {
      index.put({ path, stamp, fileId: manifest.fileId }, manifest);
      visible.put(libraryFileOf({ path, stamp, fileId: manifest.fileId }));
    },
    onFailed(path, error) {
      if (error.code === "changed" || error.code === "not-found") void refreshes.add(path);
      else skipped.set(path, reasonOf(error));
    },
  });

  const refreshes = createRefreshQueue(async (path) => {
    try {
      await refresh(path);
      if (path === "" && isRootLost) {
        isRootLost = false;
        options.onRoot?.({ type: "back" });
      }
    } catch (error) {
      if (!closing.signal.aborted) loseRoot(PanalError.from(error));
    }
    if (path === "") isStarting = false;
  }, options.begin);

  async function refresh(subtree: string): Promise<void> {
    const found = new Set<string>();
    const nowSkipped = new Map<string, string>();
    for await (const batch of scanner.scan({ root, subtree, includeHidden }, closing.signal)) {
      const files: FoundFile[] = [];
      for (const each of batch) {
        if (each.type === "skipped") nowSkipped.set(each.path, each.reason);
        else if (each.stamp.size > MAX_FILE_LENGTH) nowSkipped.set(each.path, "larger than 2 TiB");
        else files.push(each);
      }
      for (const { path } of files) {
        found.add(path);
        skipped.delete(path);
      }
      takeAll(files);
    }
    for (const file of Array.from(visible.tree.below(subtree))) {
      if (!found.has(file.path)) lose(file.path);
    }
    for (const path of hashes.below(subtree)) if (!found.has(path)) hashes.drop(path);
    for (const path of skipped.keys()) {
      if (isBelow(path, subtree) && !found.has(path)) skipped.delete(path);
    }
    for (const [path, reason] of nowSkipped) skipped.set(path, reason);
  }

  /** Files that are there. Most are as they were: only the others are looked up in the index. */
  function takeAll(files: readonly FoundFile[]): void {
    const others = files.filter(({ path, stamp }) => !isUnchanged(path, stamp));
    const indexed = index.findAll(others.map(({ path }) => path));
    for (const { path, stamp } of others) take(path, stamp, indexed.get(path));
  }

  function isUnchanged(path: string, stamp: FileStamp): boolean {
    const current = visible.at(path);
    if (current === undefined || !isSameContent(current.stamp, stamp)) return false;
    if (current.stamp.dev !== stamp.dev) visible.put({ ...current, stamp });
    hashes.drop(path);
    return true;
  }

  /** A file that isn't as it was: known, moved, or to be hashed. */
  function take(path: string, stamp: FileStamp, indexed: IndexRow | undefined): void {
    const known =
      indexed !== undefined && isSameContent(indexed.stamp, stamp) ? indexed : index.findMoved(stamp);
    if (known !== undefined && manifests.has(known.fileId)) {
      const file = { path, stamp, fileId: known.fileId };
      if (known !== indexed || known.isGone || known.stamp.dev !== stamp.dev) index.put(file);
      hashes.drop(path);
      visible.put(libraryFileOf(file));
      return;
    }
    // It has changed: its old content is not to be had here any more.
    visible.remove(path);
    hashes.add(path, stamp);
  }

  function lose(path: string): void {
    visible.remove(path);
    index.markGone(path, now());
  }

  /** A disk that was unplugged: nothing can be served, and nothing needs to be hashed when it returns. */
  function loseRoot(error: PanalError): void {
    for (const { path } of Array.from(visible.all())) visible.remove(path);
    for (const path of hashes.below("")) hashes.drop(path);
    skipped.clear();
    if (!isRootLost) options.onRoot?.({ type: "lost", error });
    isRootLost = true;
  }

  void refreshes.add("");

  return {
    root,
    status: () => ({
      fileCount: visible.tree.fileCount,
      totalSize: visible.tree.totalSize,
      isIndexing: !refreshes.isEmpty || !hashes.isEmpty,
      isStarting,
      hashing: hashes.progress,
      skipped,
    }),
    all: () => visible.all(),
    list: (folder, page) => visible.tree.list(folder, page),
    // What isn't whole isn't in a share.
    availability: (fileId) => (visible.withId(fileId).length > 0 ? "all" : undefined),
    hasName: (fileId, name) => visible.withId(fileId).some(({ path }) => baseName(path) === name),
    manifest(fileId) {
      const files = visible.withId(fileId);
      if (files.length === 0) return undefined;
      const manifest = manifestOfSinglePiece(fileId) ?? manifests.get(fileId);
      if (manifest !== undefined) return manifest;
      // What the disk kept of it is broken: hash it again.
      index.forget(fileId);
      for (const { path, stamp } of files) {
        visible.remove(path);
        hashes.add(path, stamp);
      }
      return undefined;
    },
    async open(fileId) {
      for (const { path, stamp } of visible.withId(fileId)) {
        try {
          return await openShared({ root, path, stamp });
        } catch {
          // Gone, changed or unreadable: whatever it is, looking at it again settles it.
          void refreshes.add(path);
        }
      }
      return undefined;
    },
    pathOf(fileId, wanted) {
      const files = visible.withId(fileId);
      return (files.find(({ path }) => path === wanted) ?? files[0])?.path;
    },
    async adopt(path, manifest) {
      const stamp = stampOf(await lstat(join(root, path), { bigint: true }));
      hashes.drop(path);
      const file = { path, stamp, fileId: manifest.fileId };
      try {
        index.put(file, manifest);
      } catch {
        // The disk is full to the last byte. The file is whole all the same; the next start hashes it.
      }
      if (manifests.has(file.fileId)) visible.put(libraryFileOf(file));
      // A look at the folder that was under way may have missed it.
      void refreshes.add(path);
      adopted.add(path);
      if (!isLookingAgain) lookAgain().catch(() => {});
    },
    refresh: (path) => refreshes.add(path),
    async settled() {
      while (!refreshes.isEmpty || !hashes.isEmpty) {
        await refreshes.whenEmpty();
        await hashes.whenEmpty();
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      closing.abort();
      await scanner.close();
      await refreshes.whenEmpty();
      await hashes.close();
      index.close();
    },
  };
}

function isBelow(path: string, subtree: string): boolean {
  return subtree === "" || path === subtree || path.startsWith(`${subtree}/`);
}
