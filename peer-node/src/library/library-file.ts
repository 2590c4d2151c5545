import type { FileId } from "@panal/sdk";
import { type FileStamp, mtimeMsOf } from "./file-stamp.ts";
import type { IndexedFile } from "./index-db.ts";

/** A file that can be served. */
export interface LibraryFile {
  /** Within the share, "/" between names. */
  readonly path: string;
  readonly fileId: FileId;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
  readonly stamp: FileStamp;
}

export function libraryFileOf({ path, fileId, stamp }: IndexedFile): LibraryFile {
  return { path, fileId, size: stamp.size, mtimeMs: mtimeMsOf(stamp), stamp };
}
