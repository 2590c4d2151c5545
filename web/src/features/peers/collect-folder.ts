import { PanalError } from "@panal/sdk";
import { baseName } from "@panal/sdk/content";
import { MAX_BATCH_FILES, type SaveFile } from "../../engine/engine-api.ts";
import type { FolderEntry } from "./use-folder.ts";

interface CollectOptions {
  /** One page of a folder. */
  list(
    folder: string,
    pageToken: string,
  ): Promise<{ entries: readonly FolderEntry[]; nextPageToken: string }>;
  signal: AbortSignal;
}

/**
 * Every file below a folder, with its path from there on; the folder itself comes first in it, unless it is the whole
 * share. Throws "too-large" when there are more than MAX_BATCH_FILES, also of folders.
 */
export async function collectFolder(top: string, { list, signal }: CollectOptions): Promise<SaveFile[]> {
  const files: SaveFile[] = [];
  const folders = [top];
  const cutAt = top.length - baseName(top).length;
  // A peer that goes on for ever comes to an end here.
  let calls = 0;
  for (let at = 0; at < folders.length; at++) {
    const folder = folders[at]!;
    let pageToken = "";
    do {
      signal.throwIfAborted();
      if (calls++ > MAX_BATCH_FILES) throw tooMany();
      const page = await list(folder, pageToken);
      for (const entry of page.entries) {
        const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
        if (entry.type === "folder") folders.push(path);
        else files.push({ fileId: entry.fileId, path: path.slice(cutAt), modifiedMs: entry.modifiedMs });
      }
      if (files.length > MAX_BATCH_FILES || folders.length > MAX_BATCH_FILES) throw tooMany();
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
  }
  return files;
}

function tooMany(): PanalError {
  return new PanalError("too-large", `more than ${MAX_BATCH_FILES} files`);
}
