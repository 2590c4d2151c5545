import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type FileId, type Manifest, PanalError, fileIdLength, safeFileName } from "@panal/sdk";
import { type FileStamp, stampOf } from "../library/file-stamp.ts";
import { hashFile } from "./hash.ts";

/** Where a file called `name` by somebody else goes: into `output` when that is a folder or ends like one, else there. */
export async function targetPath(output: string | undefined, name: string): Promise<string> {
  const safe = safeFileName(name);
  if (output === undefined) return safe;
  if (/[/\\]$/.test(output)) return join(output, safe);
  const isFolder = await stat(output).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? join(output, safe) : output;
}

/** A file that is whole: what is in it, and its stamp when it was so. */
export interface WholeFile {
  readonly manifest: Manifest;
  readonly stamp: FileStamp;
}

/** The same content at the target; undefined when nothing is there. Throws "conflict" when something else is. */
export async function findThere(path: string, fileId: FileId): Promise<WholeFile | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found === undefined) return undefined;
  if (found.isFile() && found.size === BigInt(fileIdLength(fileId))) {
    const manifest = await hashFile(path);
    if (manifest.fileId === fileId) return { manifest, stamp: stampOf(found) };
  }
  throw new PanalError(
    "conflict",
    `something else is at ${path}: name another place with -o, or replace it with --force`,
  );
}
