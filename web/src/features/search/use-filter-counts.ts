import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { tracker } from "../../app/tracker.ts";
import { useFormats } from "../../ui/use-formats.ts";
import { countChoices, type CountedFilter } from "./filter-counts.ts";
import type { LiveSearchState } from "./live-search.ts";
import { filesQuery, type Search } from "./search-query.ts";

/** Shown again without asking for so long. */
const FRESH_MS = 10_000;

interface CountsOptions {
  search: Search;
  state: Pick<LiveSearchState, "didYouMean">;
  filter: CountedFilter;
  choices: readonly string[];
}

/**
 * Labels with how many files each choice would leave; "any" has none, since it is what is shown before somebody is there. Counting is a question for each, so it is only done for whoever is about to choose:
 * `onAttention` says so.
 */
export function useFilterCounts({ search, state, filter, choices }: CountsOptions) {
  const { t } = useTranslation();
  const formats = useFormats();
  const key = [filter, choices, filesQuery({ ...search, [filter]: undefined }, Date.now())];
  const keyText = JSON.stringify(key);
  const [wanted, setWanted] = useState<string>();
  const { data } = useQuery({
    queryKey: ["filter-counts", ...key],
    enabled: wanted === keyText,
    staleTime: FRESH_MS,
    queryFn: ({ signal }) =>
      countChoices(search, {
        filter,
        choices,
        isCorrected: state.didYouMean !== undefined,
        nowMs: Date.now(),
        fetchPage: (query) => tracker.searchFiles(query, { signal }),
      }),
  });
  return {
    onAttention: () => setWanted(keyText),
    labelled(choice: string, label: string): string {
      const known = data?.get(choice);
      if (known === undefined) return label;
      const formatted = formats.count(known.count);
      return `${label} (${known.isCapped ? t("filter.atLeast", { formatted }) : formatted})`;
    },
  };
}
