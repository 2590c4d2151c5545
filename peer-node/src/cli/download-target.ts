import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type FileId, PanalError, fileIdLength, safeFileName } from "@panal/sdk";
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

/** Whether the same content is at the target. Throws "conflict" when something else is. */
export async function isThereAlready(path: string, fileId: FileId): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return false;
  if (found.isFile() && found.size === fileIdLength(fileId) && (await hashFile(path)) === fileId) return true;
  throw new PanalError(
    "conflict",
    `something else is at ${path}: name another place with -o, or replace it with --force`,
  );
}
