import { existsSync } from "node:fs";
import { link, open, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PanalError } from "@panal/sdk";
import { DATABASE_FILE, copyDatabase } from "./store/sqlite-copy.ts";

/**
 * Copies the database of a data folder, also of a running tracker, into a new file: all of one moment. Nothing has that
 * name before the copy is whole and on the disk. Throws "conflict" when there is such a file, "not-found" without a database.
 */
export async function backUp({ dataDir, file }: { dataDir: string; file: string }): Promise<void> {
  const source = join(dataDir, DATABASE_FILE);
  const target = resolve(file);
  if (!existsSync(source)) throw new PanalError("not-found", `${source}: there is no database (see --data)`);
  if (existsSync(target)) throw isThere(target);
  const partial = `${target}.${process.pid}.partial`;
  try {
    // It holds what leases are compared with: for its owner only.
    const handle = await open(partial, "wx", 0o600);
    try {
      copyDatabase(source, partial);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // Unlike a rename, a link never takes the place of a file that came meanwhile.
    await link(partial, target);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") throw isThere(target);
    throw error;
  } finally {
    await rm(partial, { force: true });
  }
}

function isThere(file: string): PanalError {
  return new PanalError("conflict", `${file}: is there already; choose another name`);
}
