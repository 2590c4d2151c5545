import { isUtf8 } from "node:buffer";
import type { Dirent } from "node:fs";
import { lstat, readdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PanalError, parseSharePath } from "@panal/sdk";
import { isPartialDownload } from "@panal/sdk/node";
import { type FileStamp, stampOf } from "./file-stamp.ts";

/** Questions to the file system at the same time. */
const PARALLEL_STATS = 64;

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
  signal: AbortSignal;
}

/**
 * Everything to be shared below a folder. Links are never followed, wherever they lead: what they point at within the
 * share is found anyway. What isn't there, or lies behind a link, gives nothing. Throws only when the share's
 * own folder can't be read, and "aborted".
 */
export async function* scan(options: ScanOptions): AsyncGenerator<Found> {
  const { root, subtree = "", includeHidden } = options;
  if (subtree === "") {
    yield* scanFolder("", options);
    return;
  }
  if (!subtree.split("/").every((name) => isSharedName(name, includeHidden))) return;
  const path = join(root, subtree);
  try {
    // An ancestor that became a link leads somewhere else.
    if ((await realpath(dirname(path))) !== dirname(path)) return;
    const stats = await lstat(path, { bigint: true });
    if (stats.isDirectory()) yield* scanFolder(subtree, options);
    else yield foundIn(subtree, stats);
  } catch (error) {
    const { code } = PanalError.from(error);
    if (code === "aborted") throw error;
    if (code !== "not-found") yield { type: "skipped", path: subtree, reason: reasonOf(error) };
  }
}

/** Whether a name of a file or folder is shared at all: no partial downloads, and hidden ones only on request. */
function isSharedName(name: string, includeHidden: boolean): boolean {
  return !isPartialDownload(name) && (includeHidden || !name.startsWith("."));
}

async function* scanFolder(folder: string, options: ScanOptions): AsyncGenerator<Found> {
  const { root, signal } = options;
  const folders: string[] = [];
  const others: string[] = [];
  for (const entry of await readFolder(join(root, folder))) {
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
  for (let start = 0; start < others.length; start += PARALLEL_STATS) {
    if (signal.aborted) throw new PanalError("aborted", "stopped");
    const paths = others.slice(start, start + PARALLEL_STATS);
    for (const found of await Promise.all(paths.map((path) => examine(root, path)))) {
      if (found !== undefined) yield found;
    }
  }
  for (const path of folders) {
    if (signal.aborted) throw new PanalError("aborted", "stopped");
    try {
      yield* scanFolder(path, options);
    } catch (error) {
      const { code } = PanalError.from(error);
      if (code === "aborted") throw error;
      // Gone meanwhile is as good as never there.
      if (code !== "not-found") yield { type: "skipped", path, reason: reasonOf(error) };
    }
  }
}

function readFolder(path: string): Promise<Dirent<Buffer>[]> {
  return readdir(path, { encoding: "buffer", withFileTypes: true });
}

async function examine(root: string, path: string): Promise<Found | undefined> {
  try {
    return foundIn(path, await lstat(join(root, path), { bigint: true }));
  } catch (error) {
    if (PanalError.from(error).code === "not-found") return undefined;
    return { type: "skipped", path, reason: reasonOf(error) };
  }
}

function foundIn(path: string, stats: Awaited<ReturnType<typeof lstatBig>>): Found {
  if (stats.isFile()) return { type: "file", path, stamp: stampOf(stats) };
  return { type: "skipped", path, reason: stats.isSymbolicLink() ? "a link" : "not a regular file" };
}

function lstatBig(path: string) {
  return lstat(path, { bigint: true });
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
