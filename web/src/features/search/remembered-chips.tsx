import { Clock, Star, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { AppLink } from "../../ui/app-link.tsx";
import { remember, useRememberedSearches, without } from "./remembered-searches.ts";
import { useSearchText } from "./use-search-text.ts";

/** Searches to go back to: those that were saved, then the last ones. */
export function RememberedChips() {
  const { t } = useTranslation();
  const { saved, recent } = useRememberedSearches();
  if (saved.length + recent.length === 0) return null;
  return (
    <ul
      aria-label={t("search.remembered")}
      className="fade-end mx-auto mt-3 flex w-fit max-w-full gap-1.5 overflow-x-auto [scrollbar-width:none] @md:flex-wrap @md:justify-center @md:mask-none"
    >
      {saved.map((url) => (
        <Chip key={url} url={url} isSaved />
      ))}
      {recent.map((url) => (
        <Chip key={url} url={url} isSaved={false} />
      ))}
    </ul>
  );
}

function Chip({ url, isSaved }: { url: string; isSaved: boolean }) {
  const { t } = useTranslation();
  const text = useSearchText(url);
  const Icon = isSaved ? Star : Clock;
  return (
    <li className="flex h-8 max-w-60 shrink-0 items-center rounded-full border border-line bg-raised text-xs">
      <AppLink
        href={url}
        className="flex h-full min-w-0 items-center gap-1.5 rounded-l-full pr-1 pl-3 hover:underline"
      >
        <Icon
          className={`size-3.5 shrink-0 ${isSaved ? "fill-honey text-honey" : "text-muted"}`}
          aria-hidden="true"
        />
        <bdi className="truncate">{text}</bdi>
      </AppLink>
      <button
        type="button"
        aria-label={t("search.forget", { search: text })}
        title={t("search.forget", { search: text })}
        onClick={() => remember((all) => without(all, url))}
        className="inline-flex h-full w-7 shrink-0 items-center justify-center rounded-r-full text-muted hover:text-ink"
      >
        <X className="size-3.5" aria-hidden="true" />
      </button>
    </li>
  );
}
