import { type FileStamp, mtimeMsOf } from "./file-stamp.ts";
import type { IndexedFile } from "./index-db.ts";
import type { ServedFile } from "./served-files.ts";

/** A file of a share that can be served. */
export interface LibraryFile extends ServedFile {
  readonly stamp: FileStamp;
}

export function libraryFileOf({ path, fileId, stamp }: IndexedFile): LibraryFile {
  return { path, fileId, size: stamp.size, mtimeMs: mtimeMsOf(stamp), stamp };
}
