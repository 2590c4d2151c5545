import type { Database } from "./sqlite-schema.ts";
import { pushVarint, readVarints } from "./varints.ts";

/** Lists in a name's own row: nearly all names have fewer, and a longer row would be written anew with each peer. */
export const MAX_INLINE_LISTS = 128;

/** The lists of a name as its row has them: the only one, as nearly always, or the bytes of several; null: none. */
export type InlineLists = number | Uint8Array | null;

export function decodeLists(inline: InlineLists): number[] {
  if (inline === null) return [];
  if (typeof inline === "number") return [inline];
  const reader = readVarints(inline);
  const lists: number[] = [];
  while (!reader.isAtEnd) lists.push(reader.next());
  return lists;
}

export function encodeLists(lists: readonly number[]): InlineLists {
  if (lists.length <= 1) return lists[0] ?? null;
  const bytes: number[] = [];
  for (const list of lists) pushVarint(bytes, list);
  return Uint8Array.from(bytes);
}

/** Every list that holds a name, given those in its row: the first `limit` of very many. */
export function allLists(db: Database, name: number, inline: InlineLists, limit = Infinity): number[] {
  const lists = decodeLists(inline);
  if (lists.length < MAX_INLINE_LISTS || lists.length >= limit) return lists;
  const more = db.all<{ list: number }>("SELECT list FROM more_lists WHERE name = ? LIMIT ?", [
    name,
    Math.min(limit, Number.MAX_SAFE_INTEGER),
  ]);
  return [...lists, ...more.map(({ list }) => list)];
}

/** The name's row with one more list; undefined when it is kept elsewhere. */
export function withList(
  db: Database,
  name: number,
  inline: InlineLists,
  list: number,
): InlineLists | undefined {
  const lists = decodeLists(inline);
  if (lists.length < MAX_INLINE_LISTS) return encodeLists([...lists, list]);
  db.run("INSERT OR IGNORE INTO more_lists (name, list) VALUES (?, ?)", [name, list]);
  return undefined;
}

/** The name's row with one list less; undefined when that one was kept elsewhere. */
export function withoutList(
  db: Database,
  name: number,
  inline: InlineLists,
  list: number,
): InlineLists | undefined {
  const lists = decodeLists(inline);
  const rest = lists.filter((other) => other !== list);
  if (lists.length < MAX_INLINE_LISTS) return encodeLists(rest);
  if (rest.length === lists.length) {
    db.run("DELETE FROM more_lists WHERE name = ? AND list = ?", [name, list]);
    return undefined;
  }
  // There are none elsewhere as long as there is room here.
  const moved = db.get<{ list: number }>("SELECT list FROM more_lists WHERE name = ? LIMIT 1", [name])?.list;
  if (moved === undefined) return encodeLists(rest);
  db.run("DELETE FROM more_lists WHERE name = ? AND list = ?", [name, moved]);
  return encodeLists([...rest, moved]);
}
