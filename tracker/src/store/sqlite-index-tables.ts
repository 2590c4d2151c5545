/** Entries of a content from which on it counts as widespread: those are found whatever else a search has to leave out. */
export const WIDESPREAD_ENTRIES = 3;

/**
 * Words are told apart here, not by the index: to that whatever is no letter of ASCII is one of a word, and they come with
 * spaces between them. So both have the same idea of a word, whichever Unicode each knows.
 */
export const WORD_TABLES = `
  CREATE TABLE IF NOT EXISTS words (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE);
  CREATE VIRTUAL TABLE IF NOT EXISTS word_letters USING fts5(word, content='', columnsize=0, detail=none,
    tokenize="trigram case_sensitive 1");
  CREATE VIRTUAL TABLE IF NOT EXISTS name_words USING fts5(words, content='', columnsize=0, detail=none, prefix='1 2',
    tokenize="ascii");
  INSERT INTO name_words (name_words, rank) VALUES ('hashsize', 16777216);
`;

/**
 * What is in the lists, laid out for size: of a path that one peer has, 300 bytes altogether, of which the row of `names`
 * takes 140 and what finds it by its words 40.
 *
 * - `names` are the different pairs of content and path. A content's own row is that of its first name: it has `root`,
 *   `size`, `mtime` (the newest announced) and `entries` (how many there are of it, at least one for each peer). Further names
 *   have `file`, the id of that row, instead. `path` is NULL when the first name went and others are there.
 * - `lists` of a name are those that hold it: the number of one, bytes for several (`sqlite-holders.ts`); from
 *   MAX_INLINE_LISTS on the rest is in `more_lists`.
 * - `blocks` are the lists: up to 128 entries each, by path, from `first` on; the paths are those of the names.
 * - `contents` finds a content by a hash of its id and of a secret, so that nobody can make many collide.
 * - `bases` are the folded base names, cut: for sorting, exact names, and beginnings.
 * - `name_words` finds names by the words of their folded paths, and holds no text: what it is told to forget is folded again.
 * - `words` are all different words, and `word_letters` finds those by three letters: what is sought is a part of a word.
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
  ${WORD_TABLES}
`;
