import { FolderOpen, SearchX, Share2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { AppLink } from "../../ui/app-link.tsx";
import { Button, buttonClass } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
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
