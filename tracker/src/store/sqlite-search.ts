import type { SearchSource } from "../search/search-source.ts";
import { MAX_COUNTED_NAMES } from "../search/typos.ts";
import { findCandidates } from "./sqlite-candidates.ts";
import { allLists } from "./sqlite-holders.ts";
import { type Asking, createMatcher } from "./sqlite-name-rows.ts";
import type { Sampler } from "./sqlite-sample.ts";
import type { Database } from "./sqlite-schema.ts";
import { isNarrow, pageOf, walkAlong } from "./sqlite-walk.ts";

/** Matches that are sorted rather than met along an index. */
const MAX_SORTED = 2_000;

/** Lists that are looked at to count a file's peers: who comes after would not come much earlier with more. */
const MAX_COUNTED_LISTS = 10_000;

/** For one answer: who is seen doesn't change in the middle of it. */
export function createSearchSource(db: Database, asking: Asking, sampler: Sampler): SearchSource {
  const { seen, contents } = asking;
  return {
    async candidates(_view, wanted, limit, enough = limit) {
      // Taken meanwhile, it is for those who ask next.
      void sampler.take().catch(() => {});
      return findCandidates(db, asking, { wanted, limit, enough, sample: sampler.current });
    },
    async walk(_view, wanted, page) {
      if (isNarrow(wanted)) {
        const found = await findCandidates(db, asking, {
          wanted,
          limit: MAX_SORTED,
          enough: MAX_SORTED,
          sample: sampler.current,
        });
        if (!found.isCapped) return pageOf(found, page);
      }
      const lists =
        wanted.peerId === undefined && wanted.peerNames === undefined
          ? undefined
          : new Set(seen.listsOf({ peerId: wanted.peerId, names: wanted.peerNames }).map(({ list }) => list));
      return walkAlong(
        db,
        { matches: createMatcher(db, asking, { wanted, lists }), contents },
        { ...page, sizes: wanted.sizes },
      );
    },
    async countPeers(_view, files) {
      const counts = new Map<number, number>();
      contents.loadNames(files);
      for (const file of files) {
        const peers = peersOf(db, asking, file);
        if (peers > 0) counts.set(file, peers);
      }
      return counts;
    },
    async wordsFrom(character, limit) {
      const sample = await sampler.take();
      if (sample !== undefined) return sample.wordsFrom(character, limit);
      const rows = db.all<{ word: string }>(
        "SELECT term AS word FROM temp.vocabulary WHERE term >= ? AND term < ? LIMIT ?",
        [character, `${character}\u{10ffff}`, limit],
      );
      return rows.map(({ word }) => word);
    },
    async countNames(words) {
      const sample = await sampler.take();
      if (sample !== undefined) return new Map(words.map((word) => [word, sample.wordCount(word)]));
      const rows = db.all<{ word: string; names: number }>(
        `SELECT v.term AS word, min(v.doc, ?) AS names FROM json_each(?) AS wanted
           JOIN temp.vocabulary v ON v.term = wanted.value`,
        [MAX_COUNTED_NAMES, JSON.stringify(words)],
      );
      return new Map(rows.map(({ word, names }) => [word, names]));
    },
  };
}

/** Each list is another peer's, and a peer may have a content under several names. */
function peersOf(db: Database, { seen, contents }: Asking, file: number): number {
  const lists = contents.namesOf(file).map((row) => allLists(db, row.id, row.lists, MAX_COUNTED_LISTS));
  return seen.count(lists.length === 1 ? lists[0]! : [...new Set(lists.flat())]);
}
