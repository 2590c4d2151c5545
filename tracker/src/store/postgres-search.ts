import { MAX_COUNTED_NAMES } from "../search/typos.ts";
import type { SearchSource } from "../search/search-source.ts";
import { candidates } from "./postgres-candidates.ts";
import type { Queries } from "./postgres-connection.ts";
import { IS_VISIBLE, viewParams } from "./postgres-peers.ts";
import { walkNames } from "./postgres-walk.ts";

export function createSearchSource(db: Queries): SearchSource {
  return {
    candidates: (view, wanted, limit) => candidates(db, view, { wanted, limit }),
    walk: (view, wanted, page) => walkNames(db, view, { ...page, wanted }),
    async countPeers(view, files) {
      const rows = await db.all<{ file: number; peers: number }>(
        `SELECT n.file, count(DISTINCT p.id) AS peers FROM names n JOIN entries e ON e.name = n.id
           JOIN peers p ON p.list = e.list WHERE n.file = ANY($3::bigint[]) AND ${IS_VISIBLE} GROUP BY n.file`,
        [...viewParams(view), files],
      );
      return new Map(rows.map(({ file, peers }) => [file, peers]));
    },
    async wordsFrom(character, limit) {
      const rows = await db.all<{ word: string }>(
        "SELECT word FROM words WHERE word >= $1 AND word < $1 || chr(1114111) ORDER BY word LIMIT $2",
        [character, limit],
      );
      return rows.map(({ word }) => word);
    },
    async countNames(words) {
      const rows = await db.all<{ word: string; names: number }>(
        `SELECT w.word, (SELECT count(*) FROM (
           SELECT 1 FROM names n WHERE n.words @@ ('''' || w.word || '''')::tsquery LIMIT $2) AS counted) AS names
         FROM unnest($1::text[]) AS w (word)`,
        [words, MAX_COUNTED_NAMES],
      );
      return new Map(rows.map(({ word, names }) => [word, names]));
    },
  };
}
