import { setImmediate } from "node:timers/promises";
import { allLists } from "./sqlite-holders.ts";
import { namesOfContent } from "./sqlite-name-rows.ts";
import { IS_VISIBLE, viewParams } from "./sqlite-peers.ts";
import type { Database } from "./sqlite-schema.ts";
import type { Visibility } from "./sqlite-visibility.ts";
import type { View } from "./store.ts";

/** Contents that are looked at one by one; of more, so many. */
const MAX_LOOKED = 10_000;
const SLICE = 200;

/**
 * How many contents somebody in the view has, and how long they are together. Of very many it is an estimate: what part of
 * some thousand is seen, spread over all of them, is taken for the part of all.
 */
export async function countContents(
  db: Database,
  seen: Visibility,
): Promise<{ files: number; totalSize: number }> {
  const totals = db.get<{ contents: number; size: number }>("SELECT contents, size FROM totals")!;
  if (totals.contents === 0) return { files: 0, totalSize: 0 };
  const lastId = db.get<{ id: number }>("SELECT max(id) AS id FROM names")!.id;
  const step = Math.max(1, lastId / MAX_LOOKED);
  const looked = { files: 0, size: 0 };
  const visible = { files: 0, size: 0 };
  let before = 0;
  for (let at = 1; at <= lastId; at += step) {
    const row = db.get<{ id: number; size: number }>(
      "SELECT id, size FROM names WHERE id >= ? AND id > ? AND size IS NOT NULL LIMIT 1",
      [Math.floor(at), before],
    );
    if (row === undefined) break;
    before = row.id;
    looked.files++;
    looked.size += row.size;
    if (looked.files % SLICE === 0) await setImmediate();
    const isSeen = namesOfContent(db, row.id).some(
      (name) => seen.count(allLists(db, name.id, name.lists)) > 0,
    );
    if (!isSeen) continue;
    visible.files++;
    visible.size += row.size;
  }
  if (looked.files >= totals.contents) return { files: visible.files, totalSize: visible.size };
  const part = (some: number, of: number, all: number) => (of === 0 ? 0 : (some / of) * all);
  return {
    files: Math.round(part(visible.files, looked.files, totals.contents)),
    totalSize: Math.round(part(visible.size, looked.size, totals.size)),
  };
}

/** Quickly, however many files there are: live peers, the files they announce (one each), and the size of the database. */
export function measureDatabase(
  db: Database,
  view: View,
): { peers: number; entries: number; sizeBytes: number } {
  const live = db.get<{ peers: number; entries: number }>(
    `SELECT count(*) AS peers, coalesce(sum(l.file_count), 0) AS entries FROM peers p
       JOIN lists l ON l.id = p.list WHERE ${IS_VISIBLE}`,
    viewParams(view),
  )!;
  const size = db.get<{ sizeBytes: number }>(
    "SELECT page_count * page_size AS sizeBytes FROM pragma_page_count, pragma_page_size",
  )!;
  return { ...live, ...size };
}
