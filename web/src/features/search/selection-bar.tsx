import { Link, ListChecks, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { filePath } from "../../app/route.ts";
import { MAX_BATCH_FILES } from "../../engine/engine-api.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { SaveFilesButton } from "../transfers/index.ts";
import { filesToSave } from "./selected-files.ts";
import { useSelecting, useSelectionState } from "./use-selection.ts";

interface SelectionBarProps {
  /** Rows of the list, as far as it is loaded. */
  shownCount: number;
  /** There are others behind them. */
  hasMore: boolean;
}

/** What is selected, and what can be done with it. */
export function SelectionBar({ shownCount, hasMore }: SelectionBarProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { selection, rows } = useSelecting();
  const { files, gone } = useSelectionState();
  const all = [...files.values()];
  // A ZIP would wait for them, and those behind them.
  const there = all.filter(({ fileId }) => !gone.has(fileId));
  const lost = all.length - there.length;
  const bytes = all.reduce((sum, { size }) => sum + size, 0);
  const said =
    files.size === 0
      ? t("select.none")
      : `${t("select.count", { count: files.size, formatted: formats.count(files.size) })} · ${formats.bytes(bytes)}`;
  return (
    <section
      aria-label={t("select.bar")}
      className="motion-rise flex flex-wrap items-center gap-x-1 gap-y-1.5 border-t border-line bg-raised px-2 py-2 shadow-sheet"
    >
      <IconButton label={t("select.end")} icon={<X />} onClick={() => selection.end()} />
      <p role="status" className="mr-auto min-w-0 font-medium tabular">
        {said}
        {files.size < MAX_BATCH_FILES ? null : (
          <span className="block text-xs font-normal text-muted">{t("select.full")}</span>
        )}
        {lost === 0 ? null : (
          <span className="block text-xs font-normal text-muted">
            {t("select.gone", { count: lost, formatted: formats.count(lost) })}
          </span>
        )}
      </p>
      <span className="flex items-center gap-1 max-sm:w-full max-sm:justify-end">
        <Button look="quiet" icon={<ListChecks />} onClick={() => selection.add(rows())}>
          {hasMore ? t("select.shown", { formatted: formats.count(shownCount) }) : t("select.all")}
        </Button>
        {files.size === 0 ? null : (
          <>
            <CopyButton
              iconOnly
              icon={<Link />}
              label={t("select.copy")}
              text={all.map(({ fileId }) => location.origin + filePath(fileId)).join("\n")}
            />
            {there.length === 0 ? null : (
              <SaveFilesButton
                look="primary"
                label={t("select.save")}
                batch={{
                  title: t("select.saveTitle"),
                  name: t("select.batch"),
                  collect: async () => filesToSave(there),
                }}
              />
            )}
          </>
        )}
      </span>
    </section>
  );
}
