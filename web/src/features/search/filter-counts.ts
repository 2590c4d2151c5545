import type { FilesPage, FilesQuery } from "@panal/sdk/tracker";
import { filesQuery, type Search } from "./search-query.ts";

export type CountedFilter = "size" | "date" | "peer";
/** By what is chosen. */
export type FilterCounts = ReadonlyMap<string, { readonly count: number; readonly isCapped: boolean }>;

/** Each choice is a question to the tracker. */
const MAX_CHOICES = 24;

interface CountOptions {
  filter: CountedFilter;
  /** What can be chosen; what is beyond the first of very many isn't counted. */
  choices: readonly string[];
  /** What is shown is of words that the tracker has put right: then those count. */
  isCorrected: boolean;
  nowMs: number;
  fetchPage(query: FilesQuery): Promise<Pick<FilesPage, "kinds" | "isCapped" | "didYouMean">>;
}

/** How many files each choice of a filter would leave, everything else being as it is. */
export async function countChoices(search: Search, options: CountOptions): Promise<FilterCounts> {
  const { filter, choices, isCorrected, nowMs, fetchPage } = options;
  const counted = choices.slice(0, MAX_CHOICES).map(async (choice) => {
    // Kinds are counted apart, whichever is asked for.
    const chosen = { ...search, kind: undefined, [filter]: choice };
    const { kinds, isCapped, didYouMean } = await fetchPage({ ...filesQuery(chosen, nowMs), limit: 1 });
    // Where nothing is left, other words may be answered.
    const isOfOthers = didYouMean !== undefined && !isCorrected;
    if (kinds === undefined || isOfOthers) return [choice, { count: 0, isCapped: false }] as const;
    const count =
      search.kind === undefined
        ? Object.values(kinds).reduce((sum, number) => sum + number, 0)
        : kinds[search.kind];
    return [choice, { count, isCapped: isCapped === true }] as const;
  });
  return new Map(await Promise.all(counted));
}
