import { MEDIA_KINDS, type MediaKind } from "@panal/sdk";
import type { SearchQuery, View } from "../store/store.ts";
import { formatCursor, parseCursor } from "./cursor.ts";
import { type Wanted, parseSearch } from "./parse-search.ts";
import { type Match, matchKey, shapeOfKey, bestOfEach, compareKeys } from "./match-order.ts";
import type { Candidate, Hit, SearchSource } from "./search-source.ts";
import { correctWords } from "./typos.ts";
import { searchWords } from "./words.ts";

/** Names that are looked at to rank and count them; a word that occurs in more shows some of them. */
const MAX_CANDIDATES = 2_000;
/** Words that are compared with a misspelt one, for each letter it may start with. */
const MAX_VOCABULARY = 20_000;

/** A page of what was found, to be described by the store. */
interface Found {
  readonly hits: Hit[];
  readonly nextCursor?: string;
  /** On the first page: how many files of each kind there are, whichever kinds are asked for. */
  readonly kinds?: Readonly<Record<MediaKind, number>>;
  /** There is more than was looked at: counts are "at least". */
  readonly isCapped?: true;
  /** Nothing matched; this is for these words instead. */
  readonly didYouMean?: string;
}

/** The files that match, in order. Throws "invalid" for filters nobody can mean, and for cursors of another list. */
export async function searchFiles(source: SearchSource, view: View, query: SearchQuery): Promise<Found> {
  const wanted = parseSearch(query);
  if (wanted.words.text === "") return walkFiles(source, view, { query, wanted });
  // Before anything is looked for, since it is refused whatever there is.
  const after = cursorKey(query);
  const exact = await look(source, view, wanted);
  if (exact.all.length > 0) {
    return pageOfMatches(source, view, { query, after, looked: exact });
  }
  const words = await correctWords(wanted.words.all, {
    startingWith: (character) => source.wordsFrom(character, MAX_VOCABULARY),
    has: async (text) => (await source.candidates(view, onlyWords(text), 1)).length > 0,
  });
  if (words === undefined) return pageOfMatches(source, view, { query, after, looked: exact });
  const meant = { ...wanted, words: searchWords(words) };
  const looked = await look(source, view, meant);
  if (looked.matches.length === 0) return pageOfMatches(source, view, { query, after, looked: exact });
  const found = await pageOfMatches(source, view, { query, after, looked });
  return { ...found, didYouMean: meant.words.text };
}

function onlyWords(text: string): Wanted {
  return {
    words: searchWords([text]),
    without: searchWords([]),
    exts: undefined,
    kinds: undefined,
    sizes: { min: 0, max: Number.MAX_SAFE_INTEGER },
    fileId: undefined,
    peerId: undefined,
    peerNames: undefined,
  };
}

interface Looked {
  /** One for each file. */
  readonly matches: Match[];
  /** Names of whatever kind. */
  readonly all: readonly Candidate[];
  readonly isCapped: boolean;
}

async function look(source: SearchSource, view: View, wanted: Wanted): Promise<Looked> {
  const { kinds } = wanted;
  const all = await source.candidates(view, { ...wanted, kinds: undefined }, MAX_CANDIDATES);
  const isCapped = all.length >= MAX_CANDIDATES;
  const asked =
    kinds === undefined
      ? all
      : isCapped
        ? await source.candidates(view, wanted, MAX_CANDIDATES)
        : all.filter(({ kind }) => kinds.includes(kind));
  return { matches: bestOfEach(asked, wanted.words), all, isCapped };
}

function cursorKey({ cursor, sort }: SearchQuery) {
  return cursor === undefined ? undefined : parseCursor(cursor, `words ${sort}`, shapeOfKey(sort));
}

async function pageOfMatches(
  source: SearchSource,
  view: View,
  { query, after, looked }: { query: SearchQuery; after: ReturnType<typeof cursorKey>; looked: Looked },
): Promise<Found> {
  const rows: { hit: Hit; key: (string | number)[] }[] = [];
  for (const group of groupsOf(looked.matches, query.sort)) {
    // Of a better rank than the last row of the page before: all shown.
    if (query.sort === "relevance" && after !== undefined && group[0]!.rank < Number(after[0])) continue;
    const counts =
      query.sort === "relevance" || query.sort === "-peers"
        ? await source.countPeers(
            view,
            group.map(({ file }) => file),
          )
        : undefined;
    const keyed = group
      .map((match) => ({
        hit: { file: match.file, name: match.name },
        key: matchKey(match, query.sort, counts?.get(match.file) ?? 0),
      }))
      .filter(({ key }) => after === undefined || compareKeys(key, after) > 0)
      .sort((a, b) => compareKeys(a.key, b.key));
    rows.push(...keyed);
    if (rows.length > query.limit) break;
  }
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    hits: page.map(({ hit }) => hit),
    ...(rows.length > query.limit && last
      ? { nextCursor: formatCursor(`words ${query.sort}`, last.key) }
      : {}),
    ...(query.cursor === undefined ? { kinds: countKinds(looked.all) } : {}),
    ...(looked.isCapped ? { isCapped: true } : {}),
  };
}

/** By relevance, those of one rank together, the best first: peers are counted only for what may be shown. */
function groupsOf(matches: readonly Match[], sort: SearchQuery["sort"]): Match[][] {
  if (sort !== "relevance") return matches.length === 0 ? [] : [[...matches]];
  const groups = Map.groupBy(matches, ({ rank }) => rank);
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

/** A file counts once for each kind its names are of. */
function countKinds(names: readonly { file: number; kind: MediaKind }[]): Record<MediaKind, number> {
  const filesOf = Map.groupBy(names, ({ kind }) => kind);
  const count = (kind: MediaKind) => new Set(filesOf.get(kind)?.map(({ file }) => file)).size;
  return Object.fromEntries(MEDIA_KINDS.map((kind) => [kind, count(kind)])) as Record<MediaKind, number>;
}

async function walkFiles(
  source: SearchSource,
  view: View,
  { query, wanted }: { query: SearchQuery; wanted: Wanted },
): Promise<Found> {
  const { cursor, limit } = query;
  const after =
    cursor === undefined
      ? undefined
      : parseCursor(cursor, query.sort, query.sort === "name" ? ["", 0] : [0, 0]);
  // Nothing was asked for: what is new comes first.
  const sort = query.sort === "relevance" ? "-mtime" : query.sort;
  const rows = await source.walk(view, wanted, { sort, after, limit: limit + 1 });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const counted =
    cursor === undefined
      ? await source.candidates(view, { ...wanted, kinds: undefined }, MAX_CANDIDATES)
      : undefined;
  return {
    hits: page.map(({ hit }) => hit),
    ...(rows.length > limit && last ? { nextCursor: formatCursor(query.sort, last.key) } : {}),
    ...(counted ? { kinds: countKinds(counted) } : {}),
    ...(counted && counted.length >= MAX_CANDIDATES ? { isCapped: true } : {}),
  };
}
