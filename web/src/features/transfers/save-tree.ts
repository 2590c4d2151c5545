import { type FileId, firstFreeName } from "@panal/sdk/content";
import type { SaveFile } from "../../engine/engine-api.ts";
import { safeTree } from "./safe-tree.ts";

/** What to do with a file that is in the way and isn't the same. */
export type ClashAnswer = "replace" | "keep-both" | "skip";

export interface TreeFile {
  readonly fileId: FileId;
  readonly name: string;
  readonly handle: FileSystemFileHandle;
  /** Where the same content belongs as well. */
  readonly copies: readonly FileSystemFileHandle[];
}

export interface PreparedTree {
  /** Each content once. */
  readonly files: readonly TreeFile[];
  /** Files that are there already, with the same content. */
  readonly sameCount: number;
  readonly skippedCount: number;
}

interface PrepareOptions {
  folder: FileSystemDirectoryHandle;
  /** Whether a file on disk has just this content. */
  isSame(fileId: FileId, handle: FileSystemFileHandle): Promise<boolean>;
  /** An unfinished download of ours is no clash: it goes on. */
  isOurs(fileId: FileId, handle: FileSystemFileHandle): Promise<boolean>;
  ask(path: string): Promise<ClashAnswer>;
}

/**
 * Makes the folders, and a place for each file. What is there with the same content is left as it is; of others somebody
 * is asked, one after the other.
 */
export async function prepareTree(
  files: readonly SaveFile[],
  { folder, isSame, isOurs, ask }: PrepareOptions,
): Promise<PreparedTree> {
  const paths = safeTree(files.map(({ path }) => path));
  const places = new Map<FileId, { name: string; handles: FileSystemFileHandle[] }>();
  let [sameCount, skippedCount] = [0, 0];
  for (const [index, { fileId }] of files.entries()) {
    const path = paths[index]!;
    const [name, ...folders] = path.split("/").reverse() as [string, ...string[]];
    let parent = folder;
    for (const each of folders.reverse()) parent = await parent.getDirectoryHandle(each, { create: true });
    let savedAs = name;
    const there = await findFile(parent, name);
    if (there !== undefined && !(await isOurs(fileId, there))) {
      if (await isSame(fileId, there)) {
        sameCount++;
        continue;
      }
      const answer = await ask(path);
      if (answer === "skip") {
        skippedCount++;
        continue;
      }
      if (answer === "keep-both") savedAs = await freeName(parent, name);
    }
    const handle = await parent.getFileHandle(savedAs, { create: true });
    const place = places.get(fileId);
    if (place === undefined) places.set(fileId, { name: savedAs, handles: [handle] });
    else place.handles.push(handle);
  }
  const prepared = [...places].map(
    ([
      fileId,
      {
        name,
        handles: [handle, ...copies],
      },
    ]) => {
      return { fileId, name, handle: handle!, copies };
    },
  );
  return { files: prepared, sameCount, skippedCount };
}

async function findFile(
  parent: FileSystemDirectoryHandle,
  name: string,
): Promise<FileSystemFileHandle | undefined> {
  try {
    return await parent.getFileHandle(name);
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotFoundError") return undefined;
    throw error;
  }
}

async function freeName(parent: FileSystemDirectoryHandle, name: string): Promise<string> {
  const taken = new Set<string>();
  for await (const each of parent.keys()) taken.add(each.toLowerCase());
  return firstFreeName(name, (tried) => !taken.has(tried.toLowerCase()));
}
