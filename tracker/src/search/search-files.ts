import type { MediaKind } from "@panal/sdk";
import { MEDIA_KINDS } from "@panal/sdk/thread";
import type { SearchQuery, View } from "../store/store.ts";
import { bestFirst } from "./best-first.ts";
import { ANY_DATE } from "./date-range.ts";
import { formatCursor, parseCursor } from "./cursor.ts";
import { type Match, bestOfEach, compareKeys, matchKey } from "./match-order.ts";
import { type Wanted, parseSearch } from "./parse-search.ts";
import type { Candidate, Hit, SearchSource, WalkKey } from "./search-source.ts";
import { formatShown, parseShown } from "./shown-files.ts";
import { correctWords } from "./typos.ts";
import { searchWords } from "./words.ts";

/** Names that are looked at to rank and count them; a word that occurs in more shows some of them. */
const MAX_CANDIDATES = 2_000;
/** Of a common word's names, so many are ranked for the first page. */
const ENOUGH_CANDIDATES = 300;
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

/** What is searched, and who asks. */
interface Asked {
  readonly source: SearchSource;
  readonly view: View;
  readonly query: SearchQuery;
}

/** The files that match, in order. Throws "invalid" for filters nobody can mean, and for cursors of another list. */
export async function searchFiles(source: SearchSource, view: View, query: SearchQuery): Promise<Found> {
  const asked = { source, view, query };
  const wanted = parseSearch(query);
  // Before anything is looked for, since it is refused whatever there is.
  const place = parsePlace(query, wanted);
  if (place.walkSort !== undefined) return walkFiles(asked, wanted, { ...place, sort: place.walkSort });
  const exact = await look(asked, wanted);
  // Without words there is nothing to put right.
  if (exact.all.length > 0 || wanted.words.text === "") return pageOfMatches(asked, place, exact);
  const words = await correctWords(wanted.words.all, {
    startingWith: (character) => source.wordsFrom(character, MAX_VOCABULARY),
    countNames: (known) => source.countNames(known),
    has: async (text) => (await source.candidates(view, onlyWords(text), 1)).names.length > 0,
  });
  if (words === undefined) return pageOfMatches(asked, place, exact);
  const meant = { ...wanted, words: searchWords(words) };
  const looked = await look(asked, meant);
  if (looked.matches.length === 0) return pageOfMatches(asked, place, exact);
  const found = await pageOfMatches(asked, place, looked);
  return { ...found, didYouMean: meant.words.text };
}

/** Where the page before ended. */
interface Place {
  /** Given when nothing but filters decides, and the order stays as it is: then there is an index to walk along. */
  readonly walkSort: WalkSort | undefined;
  readonly after: WalkKey | undefined;
  /** In orders that change with the peers: all files of the pages before. */
  readonly shown: ReadonlySet<number>;
}

type WalkSort = Exclude<SearchQuery["sort"], "relevance" | "-peers">;

function parsePlace({ cursor, sort }: SearchQuery, { words }: Wanted): Place {
  const hasWords = words.text !== "";
  const walkSort = hasWords || sort === "-peers" ? undefined : sort === "relevance" ? "-mtime" : sort;
  const place = { walkSort, after: undefined, shown: new Set<number>() };
  if (cursor === undefined) return place;
  if (sort === "-peers" || (sort === "relevance" && hasWords))
    return { ...place, shown: parseShown(sort, cursor) };
  const order = hasWords ? `words ${sort}` : sort;
  return { ...place, after: parseCursor(cursor, order, sort === "name" ? ["", 0] : [0, 0]) };
}

function onlyWords(text: string): Wanted {
  return {
    words: searchWords([text]),
    without: searchWords([]),
    exts: undefined,
    kinds: undefined,
    sizes: { min: 0, max: Number.MAX_SAFE_INTEGER },
    dates: ANY_DATE,
    fileId: undefined,
    peerId: undefined,
    peerNames: undefined,
  };
}

interface Looked {
  /** One for each file. */
  readonly matches: Match[];
  /** Names of whatever kind. */
  readonly all: readonly Pick<Candidate, "file" | "kind">[];
  readonly isCapped: boolean;
}

async function look({ source, view, query }: Asked, wanted: Wanted): Promise<Looked> {
  const { kinds } = wanted;
  const {
    names: all,
    counted = [],
    isCapped,
  } = await source.candidates(
    view,
    { ...wanted, kinds: undefined },
    MAX_CANDIDATES,
    // Whoever goes on to the next page wants more, and other orders the first of all.
    query.cursor === undefined && query.sort === "relevance" ? ENOUGH_CANDIDATES : MAX_CANDIDATES,
  );
  const asked =
    kinds === undefined
      ? all
      : isCapped
        ? (await source.candidates(view, wanted, MAX_CANDIDATES)).names
        : all.filter(({ kind }) => kinds.includes(kind));
  return { matches: bestOfEach(asked, wanted.words), all: [...all, ...counted], isCapped };
}

async function pageOfMatches(asked: Asked, { after, shown }: Place, looked: Looked): Promise<Found> {
  const { source, view, query } = asked;
  const { sort, limit } = query;
  const isByPeers = sort === "relevance" || sort === "-peers";
  const rows = isByPeers
    ? await bestFirst(
        looked.matches.filter(({ file }) => !shown.has(file)),
        { sort, limit: limit + 1, countPeers: (files) => source.countPeers(view, files) },
      )
    : inOrder(looked.matches, { sort, after });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const next =
    rows.length <= limit || last === undefined
      ? {}
      : {
          nextCursor: isByPeers
            ? formatShown(sort, [...shown, ...page.map(({ file }) => file)])
            : formatCursor(`words ${sort}`, matchKey(last, sort, 0)),
        };
  return {
    hits: page.map(({ file, name }) => ({ file, name })),
    ...next,
    ...(query.cursor === undefined ? { kinds: countKinds(looked.all) } : {}),
    ...(looked.isCapped ? { isCapped: true } : {}),
  };
}

/** In an order that peers are no part of. */
function inOrder(
  matches: readonly Match[],
  { sort, after }: { sort: SearchQuery["sort"]; after: WalkKey | undefined },
): Match[] {
  return matches
    .map((match) => ({ match, key: matchKey(match, sort, 0) }))
    .filter(({ key }) => after === undefined || compareKeys(key, after) > 0)
    .sort((a, b) => compareKeys(a.key, b.key))
    .map(({ match }) => match);
}

/** A file counts once for each kind its names are of. */
function countKinds(names: readonly { file: number; kind: MediaKind }[]): Record<MediaKind, number> {
  const filesOf = Map.groupBy(names, ({ kind }) => kind);
  const count = (kind: MediaKind) => new Set(filesOf.get(kind)?.map(({ file }) => file)).size;
  return Object.fromEntries(MEDIA_KINDS.map((kind) => [kind, count(kind)])) as Record<MediaKind, number>;
}

async function walkFiles(
  { source, view, query }: Asked,
  wanted: Wanted,
  { sort, after }: Place & { sort: WalkSort },
): Promise<Found> {
  const { cursor, limit } = query;
  const { rows, lookedTo } = await source.walk(view, wanted, { sort, after, limit: limit + 1 });
  const page = rows.slice(0, limit);
  const next = rows.length > limit ? page.at(-1)?.key : lookedTo;
  const counted =
    cursor === undefined
      ? await source.candidates(view, { ...wanted, kinds: undefined }, MAX_CANDIDATES)
      : undefined;
  return {
    hits: page.map(({ hit }) => hit),
    ...(next ? { nextCursor: formatCursor(query.sort, next) } : {}),
    ...(counted ? { kinds: countKinds(counted.names) } : {}),
    ...(counted?.isCapped ? { isCapped: true } : {}),
  };
}
