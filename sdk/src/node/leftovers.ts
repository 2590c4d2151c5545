import { access, readFile, unlink } from "node:fs/promises";
import type { FileId } from "../content/file-id.ts";
import { PanalError } from "../errors.ts";
import { sideStem } from "./file-store.ts";
import { JOURNAL_SUFFIX, LOCK_SUFFIX, PART_SUFFIX } from "./part-names.ts";
import { acquireProcessLock } from "./process-lock.ts";

/**
 * Takes away what a download that was killed in its very last steps left next to the finished file at `path`. What
 * another process holds stays, and so does what is there of a file with another id.
 */
export async function removeLeftovers(path: string, fileId: FileId): Promise<void> {
  const stem = sideStem(path);
  const names = { part: stem + PART_SUFFIX, journal: stem + JOURNAL_SUFFIX, lock: stem + LOCK_SUFFIX };
  const found = await Promise.all([names.journal, names.lock].map(isThere));
  if (!found.some(Boolean)) return;
  try {
    const lock = await acquireProcessLock(names.lock, `the download to ${path}`);
    try {
      const header = await readFile(names.journal, "latin1").catch(() => "");
      if (!header.startsWith(`${fileId}\n`)) return;
      // The journal last: without it nobody would know what the part is.
      for (const name of [names.part, names.journal]) await unlink(name).catch(() => {});
    } finally {
      await lock.release();
    }
  } catch (error) {
    // In use; or a folder that can't be written to, where the file is whole all the same.
    const { code } = PanalError.from(error);
    if (code !== "conflict" && code !== "no-permission") throw error;
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
