import { link, lstat, mkdir, open, realpath, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  MAX_NAME_BYTES,
  PanalError,
  baseName,
  beginningOf,
  numberedName,
  parseSharePath,
  safeFileName,
} from "@panal/sdk";
import { isPartialDownload } from "@panal/sdk/thread";

/** Of files of one name the next one is refused: nobody means to have so many. */
const MAX_SAME_NAMES = 1000;

/**
 * Where a file that somebody calls `path` is to be in the inbox: names that no system takes, that would be hidden, or that would not
 * be shared are changed. Throws "invalid" for a path that leads anywhere else.
 */
export function inboxPathOf(path: string): string {
  return parseSharePath(parseSharePath(path).split("/").map(inboxName).join("/"));
}

function inboxName(name: string): string {
  const safe = safeFileName(name).replace(/^\.+/, (dots) => "_".repeat(dots.length));
  return isPartialDownload(safe) ? `${beginningOf(safe, MAX_NAME_BYTES - 1)}_` : safe;
}

/** Throws "conflict" when something in the way to `path` is there and isn't a folder. */
export async function checkFolders(root: string, path: string): Promise<void> {
  for (const folder of foldersOf(path)) {
    const found = await lstat(join(root, folder)).catch((error: unknown) => {
      if (PanalError.from(error).code === "not-found") return undefined;
      throw PanalError.from(error);
    });
    if (found === undefined) return;
    if (!found.isDirectory())
      throw new PanalError("conflict", `${folder} is there already, and is no folder`);
  }
}

/**
 * Gives the file at `partPath`, on the same file system, its name below `root`, or, when that is taken, the same with a number.
 * All at once: whoever looks sees the whole file or none. Gives the name it got.
 */
export async function publishIn(root: string, path: string, partPath: string): Promise<string> {
  await checkFolders(root, path);
  const folder = dirname(join(root, path));
  await mkdir(folder, { recursive: true });
  // A folder that somebody made a link meanwhile leads somewhere else.
  if ((await realpath(folder)) !== folder) throw new PanalError("conflict", `${path} leads through a link`);
  for (let number = 0; number < MAX_SAME_NAMES; number++) {
    const candidate = number === 0 ? path : numbered(path, number);
    if (await tryPublish(partPath, join(root, candidate))) return candidate;
  }
  throw new PanalError("conflict", `${path}: there are ${MAX_SAME_NAMES} files of that name already`);
}

/** False when the name is taken: by a file, a folder, or a link. */
async function tryPublish(partPath: string, target: string): Promise<boolean> {
  try {
    await link(partPath, target);
    await unlink(partPath);
    return true;
  } catch (error) {
    if (PanalError.from(error).code === "conflict") return false;
  }
  // A file system without links: the name is taken by an empty file, which the whole one replaces.
  try {
    await (await open(target, "wx")).close();
  } catch (error) {
    if (PanalError.from(error).code === "conflict") return false;
    throw error;
  }
  await rename(partPath, target);
  return true;
}

/** `a/film.mkv` as `a/film (2).mkv`. */
function numbered(path: string, number: number): string {
  const name = baseName(path);
  return path.slice(0, path.length - name.length) + numberedName(name, number);
}

function foldersOf(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}
