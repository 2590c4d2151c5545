import { isUtf8 } from "node:buffer";
import { type BigIntStats, type Dirent, lstatSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { PanalError, isPartialDownload, parseSharePath } from "@panal/sdk/thread";
import { type FileStamp, stampOf } from "./file-stamp.ts";

export type Found =
  | { readonly type: "file"; readonly path: string; readonly stamp: FileStamp }
  /** `path` may only be shown. */
  | { readonly type: "skipped"; readonly path: string; readonly reason: SkipReason };

/** Why something in the folder isn't shared; for people. */
export type SkipReason =
  | "a link"
  | "not a regular file"
  | "a name that is not valid Unicode"
  | "a path that can't be shared"
  | "no permission to read it"
  | "it could not be read"
  | "no space for the index";

export interface ScanOptions {
  /** Real path of the share. */
  root: string;
  /** A file or folder in it, with "/" between names; empty for everything. */
  subtree?: string;
  /** Whether names that begin with a dot are shared, too. */
  includeHidden: boolean;
}

/**
 * Everything to be shared below a folder. Links are never followed, wherever they lead: what they point at within the
 * share is found anyway. What isn't there, or lies behind a link, gives nothing. Throws only when the share's
 * own folder can't be read.
 *
 * Waits for the disk where it is called, which is in a thread of its own (`folder-scanner.ts`): a question costs a
 * quarter there of what it does with a promise each.
 */
export function* scan(options: ScanOptions): Generator<Found> {
  const { root, subtree = "", includeHidden } = options;
  if (subtree === "") {
    yield* scanFolder("", options);
    return;
  }
  if (!isSharedPath(subtree, includeHidden)) return;
  const path = join(root, subtree);
  try {
    // An ancestor that became a link leads somewhere else.
    if (realpathSync(dirname(path)) !== dirname(path)) return;
    const stats = lstatSync(path, { bigint: true });
    if (stats.isDirectory()) yield* scanFolder(subtree, options);
    else yield foundIn(subtree, stats);
  } catch (error) {
    if (!isGone(error)) yield { type: "skipped", path: subtree, reason: reasonOf(error) };
  }
}

/** Whether something at a path within the share is shared, by its name and those of the folders it is in. */
export function isSharedPath(path: string, includeHidden: boolean): boolean {
  return path.split("/").every((name) => isSharedName(name, includeHidden));
}

/** Whether a name of a file or folder is shared at all: no partial downloads, and hidden ones only on request. */
function isSharedName(name: string, includeHidden: boolean): boolean {
  return !isPartialDownload(name) && (includeHidden || !name.startsWith("."));
}

function* scanFolder(folder: string, options: ScanOptions): Generator<Found> {
  const { root } = options;
  const folders: string[] = [];
  const others: string[] = [];
  for (const entry of readFolder(join(root, folder))) {
    if (!isUtf8(entry.name)) {
      yield {
        type: "skipped",
        path: inFolder(folder, entry.name.toString()),
        reason: "a name that is not valid Unicode",
      };
      continue;
    }
    const name = entry.name.toString();
    if (!isSharedName(name, options.includeHidden)) continue;
    const path = inFolder(folder, name);
    if (!isSharePath(path)) yield { type: "skipped", path, reason: "a path that can't be shared" };
    else if (entry.isDirectory()) folders.push(path);
    else others.push(path);
  }
  for (const path of others) {
    const found = examine(root, path);
    if (found !== undefined) yield found;
  }
  for (const path of folders) {
    try {
      yield* scanFolder(path, options);
    } catch (error) {
      if (!isGone(error)) yield { type: "skipped", path, reason: reasonOf(error) };
    }
  }
}

function readFolder(path: string): Dirent<Buffer>[] {
  return readdirSync(path, { encoding: "buffer", withFileTypes: true });
}

function examine(root: string, path: string): Found | undefined {
  try {
    return foundIn(path, lstatSync(join(root, path), { bigint: true }));
  } catch (error) {
    return isGone(error) ? undefined : { type: "skipped", path, reason: reasonOf(error) };
  }
}

/** Gone meanwhile is as good as never there. */
function isGone(error: unknown): boolean {
  return PanalError.from(error).code === "not-found";
}

function foundIn(path: string, stats: BigIntStats): Found {
  if (stats.isFile()) return { type: "file", path, stamp: stampOf(stats) };
  return { type: "skipped", path, reason: stats.isSymbolicLink() ? "a link" : "not a regular file" };
}

function isSharePath(path: string): boolean {
  try {
    parseSharePath(path);
    return true;
  } catch {
    return false;
  }
}

function inFolder(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** Why something can't be read, for people. */
export function reasonOf(error: unknown): SkipReason {
  switch (PanalError.from(error).code) {
    case "no-permission":
      return "no permission to read it";
    case "no-space":
      return "no space for the index";
    default:
      return "it could not be read";
  }
}
