import { ArrowDownUp, LayoutGrid, List } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Choice } from "../../ui/choice.tsx";
import { type Search, SORTS, VIEWS } from "./search-query.ts";

const VIEW_ICONS = { list: List, grid: LayoutGrid };

interface ViewControlsProps {
  search: Search;
  onChange(search: Search): void;
}

/** In which order results come, and as a list or a grid. */
export function ViewControls({ search, onChange }: ViewControlsProps) {
  const { t } = useTranslation();
  return (
    <span className="flex shrink-0 items-center gap-2">
      <Choice
        label={t("sort.label")}
        icon={<ArrowDownUp className="left-3" aria-hidden="true" />}
        value={search.sort}
        options={SORTS.filter((sort) => sort !== "relevance" || search.words !== "").map((sort) => ({
          value: sort,
          label: t(`sort.${sort}`),
        }))}
        onChange={(sort) => onChange({ ...search, sort })}
      />
      <ViewSwitch search={search} onChange={onChange} />
    </span>
  );
}

function ViewSwitch({ search, onChange }: ViewControlsProps) {
  const { t } = useTranslation();
  return (
    <div
      role="group"
      aria-label={t("view.label")}
      className="flex rounded-full border border-line-strong p-0.5"
    >
      {VIEWS.map((view) => {
        const Icon = VIEW_ICONS[view];
        const isOn = search.view === view;
        return (
          <button
            key={view}
            type="button"
            aria-pressed={isOn}
            aria-label={t(`view.${view}`)}
            title={t(`view.${view}`)}
            onClick={() => onChange({ ...search, view })}
            className={`inline-flex h-6.5 w-8 items-center justify-center rounded-full transition-colors duration-150 ${isOn ? "bg-honey-soft text-honey-ink" : "text-muted hover:text-ink"}`}
          >
            <Icon className="size-3.5" aria-hidden="true" />
          </button>
        );
      })}
    </div>
  );
}
