import { hash } from "node:crypto";
import type { FileId, MediaKind } from "@panal/sdk";
import { MEDIA_KINDS, fileIdLength, mediaTypeOf } from "@panal/sdk/thread";
import { createPathFolder } from "../search/base-key.ts";
import { type InlineLists, encodeLists, withList, withoutList } from "./sqlite-holders.ts";
import type { Database } from "./sqlite-schema.ts";
import { createWords } from "./sqlite-words.ts";

/** Of the hash that finds a content: 48 bits, of which an index entry takes six bytes. */
const KEY_DIGITS = 12;
const ROOT_DIGITS = 64;

// A type, not an interface: only so it has the index signature of Row.
type ContentRow = {
  id: number;
  path: string | null;
  lists: InlineLists;
  mtime: number;
  entries: number;
};

export function kindOf(index: number): MediaKind {
  return MEDIA_KINDS[index]!;
}

function kindIndex(kind: MediaKind): number {
  return MEDIA_KINDS.indexOf(kind);
}

function rootBytes(fileId: FileId): Uint8Array {
  return Buffer.from(fileId.slice(0, ROOT_DIGITS), "hex");
}

export function fileIdFrom(root: Uint8Array, size: number): FileId {
  return `${Buffer.from(root).toString("hex")}-${size}` as FileId;
}

/** Finds contents by their ids. */
export function createContentFinder(db: Database): {
  keyOf(fileId: FileId): number;
  /** `key`: if it is known already; to hash takes as long as to look. */
  find(fileId: FileId, key?: number): ContentRow | undefined;
} {
  const { secret } = db.get<{ secret: string }>("SELECT secret FROM totals")!;
  const keyOf = (fileId: FileId) =>
    Number.parseInt(hash("sha1", secret + fileId, "hex").slice(0, KEY_DIGITS), 16);
  return {
    keyOf,
    find: (fileId, key = keyOf(fileId)) =>
      db.get<ContentRow>(
        `SELECT n.id, n.path, n.lists, n.mtime, n.entries FROM contents c JOIN names n ON n.id = c.file
         WHERE c.key = ? AND n.root = ? AND n.size = ?`,
        [key, rootBytes(fileId), fileIdLength(fileId)],
      ),
  };
}

/** The names of all lists. */
export interface Names {
  /** The name of a content; a new one is of this list already. */
  name(file: { fileId: FileId; path: string; mtime: number }, list: number): { id: number; isNew: boolean };
  /**
   * Gives a name that only this list holds, and the content only under it, to another content that nobody has yet: a file
   * that changed in its place. All that is indexed of its path stays. Gives by how much it has grown; undefined: it can't be done.
   */
  rebind(
    name: number,
    file: { fileId: FileId; path: string; mtime: number },
    list: number,
  ): number | undefined;
  /** The list holds the name, which it did not. */
  hold(name: number, list: number): void;
  /** The list doesn't hold it any more. Nobody else does: it stays, for `dropUnused`, and is found by nobody. */
  release(name: number, list: number): void;
  /** Forgets some names that nobody has; gives whether there are more. */
  dropUnused(limit: number): boolean;
}

export function createNames(db: Database): Names {
  const contents = createContentFinder(db);
  const words = createWords(db);
  const foldPath = createPathFolder();

  /**
   * The one row is named: of an UPDATE that might change several, SQLite keeps a way back, for which the indexes must write
   * out what they have gathered, each time.
   */
  function countContents(contents: number, size: number): void {
    db.run("UPDATE totals SET contents = contents + ?, size = size + ? WHERE rowid = 1", [contents, size]);
  }

  function index(id: number, path: string): void {
    const { folded, base } = foldPath(path);
    db.run("INSERT INTO bases (base, name) VALUES (?, ?)", [base, id]);
    words.add(id, folded);
  }

  function unindex(id: number, path: string): void {
    const { folded, base } = foldPath(path);
    db.run("DELETE FROM bases WHERE base = ? AND name = ?", [base, id]);
    words.remove(id, folded);
  }

  function insertContent(
    { fileId, path, mtime }: { fileId: FileId; path: string; mtime: number },
    { key, list }: { key: number; list: number },
  ): number {
    const size = fileIdLength(fileId);
    const { id } = db.run(
      "INSERT INTO names (path, kind, lists, root, size, mtime, entries) VALUES (?, ?, ?, ?, ?, ?, 1)",
      [path, kindIndex(mediaTypeOf(path).kind), encodeLists([list]), rootBytes(fileId), size, mtime],
    );
    db.run("INSERT INTO contents (key, file) VALUES (?, ?)", [key, id]);
    countContents(1, size);
    index(id, path);
    return id;
  }

  function insertFurther(content: ContentRow, path: string, list: number): number {
    const { id } = db.run("INSERT INTO names (path, kind, lists, file) VALUES (?, ?, ?, ?)", [
      path,
      kindIndex(mediaTypeOf(path).kind),
      encodeLists([list]),
      content.id,
    ]);
    db.run("UPDATE names SET entries = entries + 1 WHERE id = ?", [content.id]);
    index(id, path);
    return id;
  }

  function drop(id: number, { path, file }: { path: string; file: number | null }): void {
    unindex(id, path);
    const content = file ?? id;
    if (file === null) db.run("UPDATE names SET path = NULL, kind = NULL, lists = NULL WHERE id = ?", [id]);
    else db.run("DELETE FROM names WHERE id = ?", [id]);
    const row = db.get<{ path: string | null; root: Uint8Array; size: number }>(
      "SELECT path, root, size FROM names WHERE id = ?",
      [content],
    )!;
    if (row.path !== null || db.get("SELECT 1 FROM names WHERE file = ? LIMIT 1", [content]) !== undefined)
      return;
    db.run("DELETE FROM contents WHERE key = ? AND file = ?", [
      contents.keyOf(fileIdFrom(row.root, row.size)),
      content,
    ]);
    db.run("DELETE FROM names WHERE id = ?", [content]);
    countContents(-1, -row.size);
  }

  return {
    name(file, list) {
      const key = contents.keyOf(file.fileId);
      const content = contents.find(file.fileId, key);
      if (content === undefined) return { id: insertContent(file, { key, list }), isNew: true };
      if (content.mtime < file.mtime) {
        db.run("UPDATE names SET mtime = ? WHERE id = ?", [file.mtime, content.id]);
      }
      if (content.path === file.path) return { id: content.id, isNew: false };
      const further = db.get<{ id: number }>("SELECT id FROM names WHERE file = ? AND path = ?", [
        content.id,
        file.path,
      ]);
      if (further !== undefined) return { id: further.id, isNew: false };
      return { id: insertFurther(content, file.path, list), isNew: true };
    },
    rebind(name, { fileId, path, mtime }, list) {
      const row = db.get<{
        path: string | null;
        lists: InlineLists;
        file: number | null;
        root: Uint8Array;
        size: number;
        entries: number;
      }>("SELECT path, lists, file, root, size, entries FROM names WHERE id = ?", [name]);
      const isAlone = row?.file === null && row.path === path && row.lists === list && row.entries === 1;
      const key = contents.keyOf(fileId);
      if (!isAlone || contents.find(fileId, key) !== undefined) return undefined;
      const size = fileIdLength(fileId);
      db.run("DELETE FROM contents WHERE key = ? AND file = ?", [
        contents.keyOf(fileIdFrom(row.root, row.size)),
        name,
      ]);
      db.run("INSERT INTO contents (key, file) VALUES (?, ?)", [key, name]);
      db.run("UPDATE names SET root = ?, mtime = ? WHERE id = ?", [rootBytes(fileId), mtime, name]);
      // A size that stays, as that of a file whose tags were changed, isn't taken out of its index and put in again.
      if (size !== row.size) {
        db.run("UPDATE names SET size = ? WHERE id = ?", [size, name]);
        countContents(0, size - row.size);
      }
      return size - row.size;
    },
    hold(name, list) {
      const { lists, file } = db.get<{ lists: InlineLists; file: number | null }>(
        "SELECT lists, file FROM names WHERE id = ?",
        [name],
      )!;
      const more = withList(db, name, lists, list);
      if (file === null && more !== undefined) {
        db.run("UPDATE names SET lists = ?, entries = entries + 1 WHERE id = ?", [more, name]);
        return;
      }
      if (more !== undefined) db.run("UPDATE names SET lists = ? WHERE id = ?", [more, name]);
      db.run("UPDATE names SET entries = entries + 1 WHERE id = ?", [file ?? name]);
    },
    release(name, list) {
      const row = db.get<{ lists: InlineLists; file: number | null }>(
        "SELECT lists, file FROM names WHERE id = ?",
        [name],
      );
      if (row === undefined) return;
      const fewer = withoutList(db, name, row.lists, list);
      if (row.file === null && fewer !== undefined) {
        db.run("UPDATE names SET lists = ?, entries = entries - 1 WHERE id = ?", [fewer, name]);
      } else {
        if (fewer !== undefined) db.run("UPDATE names SET lists = ? WHERE id = ?", [fewer, name]);
        db.run("UPDATE names SET entries = entries - 1 WHERE id = ?", [row.file ?? name]);
      }
      if (fewer === null) db.run("INSERT OR IGNORE INTO unused (name) VALUES (?)", [name]);
    },
    dropUnused(limit) {
      const names = db.all<{ name: number }>("SELECT name FROM unused LIMIT ?", [limit]);
      for (const { name } of names) {
        db.run("DELETE FROM unused WHERE name = ?", [name]);
        const row = db.get<{ path: string | null; lists: InlineLists; file: number | null }>(
          "SELECT path, lists, file FROM names WHERE id = ?",
          [name],
        );
        // Somebody may have announced it again.
        if (row !== undefined && row.path !== null && row.lists === null) {
          drop(name, { path: row.path, file: row.file });
        }
      }
      words.dropUnused();
      return names.length === limit;
    },
  };
}
