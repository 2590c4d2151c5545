import { WORD_CATEGORIES } from "../search/words.ts";

/** Entries of a content from which on it counts as widespread: those are found whatever else a search has to leave out. */
export const WIDESPREAD_ENTRIES = 3;

/**
 * What is in the lists, laid out for size: of a path that one peer has, 340 bytes altogether, of which the row of `names`
 * takes 140 and what finds it by its letters 110.
 *
 * - `names` are the different pairs of content and path. A content's own row is that of its first name: it has `root`,
 *   `size`, `mtime` (the newest announced) and `entries` (how many there are of it, at least one for each peer). Further names
 *   have `file`, the id of that row, instead. `path` is NULL when the first name went and others are there.
 * - `lists` of a name are those that hold it: the number of one, bytes for several (`sqlite-holders.ts`); from
 *   MAX_INLINE_LISTS on the rest is in `more_lists`.
 * - `blocks` are the lists: up to 128 entries each, by path, from `first` on; the paths are those of the names.
 * - `contents` finds a content by a hash of its id and of a secret, so that nobody can make many collide.
 * - `bases` are the folded base names, cut: for sorting, exact names, and beginnings.
 * - `substrings` and `word_starts` hold no text: what they are told to forget is folded from the path again.
 * - `unused` are names that may have no list any more.
 */
export const INDEX_TABLES = `
  CREATE TABLE names (
    id INTEGER PRIMARY KEY, path TEXT, kind INTEGER, lists INTEGER, file INTEGER,
    root BLOB, size INTEGER, mtime INTEGER, entries INTEGER);
  CREATE UNIQUE INDEX names_by_file ON names (file, path) WHERE file IS NOT NULL;
  CREATE INDEX names_by_size ON names (size) WHERE size IS NOT NULL;
  CREATE INDEX names_by_mtime ON names (mtime) WHERE mtime IS NOT NULL;
  CREATE INDEX names_by_entries ON names (entries) WHERE entries >= ${WIDESPREAD_ENTRIES};
  CREATE TABLE more_lists (name INTEGER NOT NULL, list INTEGER NOT NULL, PRIMARY KEY (name, list)) WITHOUT ROWID;
  CREATE TABLE blocks (
    list INTEGER NOT NULL, first TEXT NOT NULL, entries BLOB NOT NULL, PRIMARY KEY (list, first)) WITHOUT ROWID;
  CREATE TABLE contents (key INTEGER NOT NULL, file INTEGER NOT NULL, PRIMARY KEY (key, file)) WITHOUT ROWID;
  CREATE TABLE bases (base TEXT NOT NULL, name INTEGER NOT NULL, PRIMARY KEY (base, name)) WITHOUT ROWID;
  CREATE TABLE unused (name INTEGER PRIMARY KEY);
  CREATE TABLE totals (secret TEXT NOT NULL, contents INTEGER NOT NULL, size REAL NOT NULL);
  INSERT INTO totals VALUES (lower(hex(randomblob(16))), 0, 0);
  CREATE VIRTUAL TABLE substrings USING fts5(folded, content='', columnsize=0, detail=none,
    tokenize="trigram case_sensitive 1");
  CREATE VIRTUAL TABLE word_starts USING fts5(folded, content='', columnsize=0, detail=none, prefix='1 2',
    tokenize="unicode61 remove_diacritics 0 categories '${WORD_CATEGORIES}'");
  INSERT INTO substrings (substrings, rank) VALUES ('hashsize', 16777216);
  INSERT INTO word_starts (word_starts, rank) VALUES ('hashsize', 16777216);
`;
