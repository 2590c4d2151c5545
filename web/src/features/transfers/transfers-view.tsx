import { ArrowDownToLine, CircleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { usePlace } from "../../app/place.ts";
import { AppLink } from "../../ui/app-link.tsx";
import { buttonClass } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { SaveRows } from "./save-rows.tsx";
import { isSaving } from "./saves-store.ts";
import { TransferControls } from "./transfer-controls.tsx";
import { inGroups } from "./transfer-queue.ts";
import { TransferRows } from "./transfer-rows.tsx";
import { useSaves, useTransfersState } from "./use-transfers.ts";

/** Every download of this browser: running, resting, complete; the newest first. */
export function TransfersView() {
  const { t } = useTranslation();
  const { fileId } = usePlace();
  const { transfers, isCrashed, isLoaded } = useTransfersState();
  const saves = useSaves();
  const groups = inGroups(transfers);
  const running = groups[0].length + groups[1].length + saves.filter(isSaving).length;
  return (
    <div className="@container flex min-h-0 flex-1 flex-col">
      <PageHeader title={t("transfers.title")}>
        {running === 0 ? null : (
          <span className="text-muted tabular">{t("transfers.total", { count: running })}</span>
        )}
      </PageHeader>
      {isCrashed ? (
        <p role="alert" className="flex gap-2 bg-failed-soft px-4 py-3 text-failed-ink">
          <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden="true" />
          {t("transfers.crashed")}
        </p>
      ) : null}
      {transfers.size === 0 ? null : <TransferControls />}
      {transfers.size + saves.length === 0 && !isLoaded ? (
        <SkeletonRows count={3} rowClass="h-20" />
      ) : transfers.size + saves.length === 0 ? (
        <EmptyState
          icon={<ArrowDownToLine />}
          title={t("transfers.empty")}
          hint={t("transfers.emptyHint")}
          action={
            <AppLink href="/" className={buttonClass("primary")}>
              {t("transfers.emptyAction")}
            </AppLink>
          }
        />
      ) : (
        <ul className="min-h-0 flex-1 divide-y divide-line overflow-y-auto overscroll-contain">
          <SaveRows />
          {groups.map((group, index) => (
            // There are always the same three.
            <TransferRows key={index} transfers={group} openId={fileId} />
          ))}
        </ul>
      )}
    </div>
  );
}
