import { ArrowDownUp, LayoutGrid, List, ListChecks } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Choice } from "../../ui/choice.tsx";
import { type Search, SORTS, VIEWS } from "./search-query.ts";
import { useIsSelecting, useSelecting } from "./use-selection.ts";

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
      <SelectButton />
      <ViewSwitch search={search} onChange={onChange} />
    </span>
  );
}

/** Begins a selection, for those who neither hover nor press long. */
function SelectButton() {
  const { t } = useTranslation();
  const { selection } = useSelecting();
  const isOn = useIsSelecting();
  return (
    <button
      type="button"
      aria-pressed={isOn}
      aria-label={t("select.begin")}
      title={t("select.begin")}
      onClick={() => (isOn ? selection.end() : selection.begin())}
      className={`inline-flex size-8 items-center justify-center rounded-full border transition-colors duration-150 ${isOn ? "border-honey bg-honey-soft text-honey-ink" : "border-line-strong text-muted hover:text-ink"}`}
    >
      <ListChecks className="size-3.5" aria-hidden="true" />
    </button>
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
