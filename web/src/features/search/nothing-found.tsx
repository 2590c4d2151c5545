import { displayName } from "@panal/sdk/content";
import { FolderOpen, SearchX, Share2, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { AppLink } from "../../ui/app-link.tsx";
import { Button, buttonClass } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { refusedSearch } from "./refused-search.ts";
import { hasFilters, type Search, withoutFilters } from "./search-query.ts";

/** Nobody shares anything: what to do first. */
export function FirstRun() {
  const { t } = useTranslation();
  return (
    <EmptyState
      icon={<FolderOpen />}
      title={t("search.firstRun")}
      hint={t("search.firstRunHint")}
      action={
        <AppLink href="/share" className={buttonClass("primary")}>
          <Share2 aria-hidden="true" />
          {t("search.firstRunAction")}
        </AppLink>
      }
    />
  );
}

/** The tracker doesn't understand what was typed: it says which word, we say how such a word looks. */
export function RefusedSearch({ message }: { message: string }) {
  const { t } = useTranslation();
  const { word, why, sentence } = refusedSearch(message);
  const hint = why === undefined ? sentence : t(why, { word });
  return <EmptyState isAlert icon={<TriangleAlert />} title={t("search.refused")} hint={displayName(hint)} />;
}

export function NothingFound({ search, onChange }: { search: Search; onChange(search: Search): void }) {
  const { t } = useTranslation();
  const { words } = search;
  if (!hasFilters(search)) {
    return <EmptyState icon={<SearchX />} title={t("search.none", { words })} hint={t("search.noneHint")} />;
  }
  return (
    <EmptyState
      icon={<SearchX />}
      title={words === "" ? t("search.noneFiltered") : t("search.none", { words })}
      hint={t("search.noneFilteredHint")}
      action={
        <Button look="primary" onClick={() => onChange(withoutFilters(search))}>
          {t("filter.clear")}
        </Button>
      }
    />
  );
}
