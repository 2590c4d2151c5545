import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { FileId } from "@panal/sdk";
import { JOURNAL_SUFFIX, PART_SUFFIX } from "@panal/sdk/node";
import { type UploadHeader, readUploadHeader, removeUploadPart } from "./upload-part.ts";

/** Uploads that aren't finished, of this run and of earlier ones, by their id. */
export interface KeptUploads {
  values(): Iterable<UploadHeader>;
  find(path: string, fileId: FileId): string | undefined;
  get(id: string): UploadHeader | undefined;
  set(id: string, header: UploadHeader): void;
  delete(id: string): void;
  /** Gives an upload another id, on disk, too. */
  rename(id: string, newId: string): Promise<void>;
  /** Throws away what wasn't written to since then (milliseconds since 1970), except what is in use. */
  expire(sinceMs: number, isInUse: (id: string) => boolean): Promise<void>;
}

/** Reads what an earlier run has left in the folder; what can't be gone on with is thrown away. */
export async function loadKeptUploads(folder: string): Promise<KeptUploads> {
  const byId = new Map<string, UploadHeader>();
  const idsByKey = new Map<string, string>();

  function set(id: string, header: UploadHeader): void {
    byId.set(id, header);
    idsByKey.set(keyOf(header.path, header.fileId), id);
  }
  function forget(id: string): void {
    const header = byId.get(id);
    byId.delete(id);
    if (header !== undefined) idsByKey.delete(keyOf(header.path, header.fileId));
  }

  const names = await readdir(folder);
  for (const name of names) {
    const id = name.slice(0, -JOURNAL_SUFFIX.length);
    const header =
      name.endsWith(JOURNAL_SUFFIX) && /^[0-9a-f]{32}$/.test(id)
        ? await readUploadHeader(join(folder, id))
        : undefined;
    const part = header && (await stat(join(folder, id) + PART_SUFFIX).catch(() => undefined));
    // One that has another name by now was published, and is not to be written to any more.
    if (header !== undefined && part?.nlink === 1) set(id, header);
  }
  for (const name of names) {
    const isKept = [JOURNAL_SUFFIX, PART_SUFFIX].some(
      (suffix) => name.endsWith(suffix) && byId.has(name.slice(0, -suffix.length)),
    );
    if (!isKept) await rm(join(folder, name), { force: true, recursive: true });
  }

  return {
    values: () => byId.values(),
    find: (path, fileId) => idsByKey.get(keyOf(path, fileId)),
    get: (id) => byId.get(id),
    set,
    delete: forget,
    async rename(id, newId) {
      const header = byId.get(id);
      for (const suffix of [PART_SUFFIX, JOURNAL_SUFFIX]) {
        await rename(join(folder, id) + suffix, join(folder, newId) + suffix);
      }
      forget(id);
      if (header !== undefined) set(newId, header);
    },
    async expire(sinceMs, isInUse) {
      for (const id of byId.keys()) {
        if (isInUse(id)) continue;
        const part = await stat(join(folder, id) + PART_SUFFIX).catch(() => undefined);
        if (part !== undefined && part.mtimeMs >= sinceMs) continue;
        forget(id);
        await removeUploadPart(join(folder, id));
      }
    },
  };
}

function keyOf(path: string, fileId: FileId): string {
  return `${fileId}/${path}`;
}
