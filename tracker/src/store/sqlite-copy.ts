import { DatabaseSync } from "node:sqlite";
import { PanalError } from "@panal/sdk";

/** In the data folder. */
export const DATABASE_FILE = "tracker.db";

/**
 * Copies a database, also one that is being written to, into an empty file. One read transaction sees all of one moment;
 * SQLite's own backup would start over with each change that another process makes, which is every two seconds.
 */
export function copyDatabase(source: string, target: string): void {
  const db = new DatabaseSync(source, { readOnly: true });
  try {
    if (db.prepare("PRAGMA user_version").get()?.["user_version"] === 0) {
      throw new PanalError("invalid", `${source}: is no tracker's database`);
    }
    db.prepare("VACUUM INTO ?").run(target);
  } finally {
    db.close();
  }
}
