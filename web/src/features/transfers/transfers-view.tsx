import { displayName, type FileId } from "@panal/sdk/content";
import { ArrowDownToLine, CircleAlert, CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { openFile, usePlace } from "../../app/place.ts";
import { filePath } from "../../app/route.ts";
import { AppLink } from "../../ui/app-link.tsx";
import { buttonClass } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { onPlainClick } from "../../ui/file-link.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { ProgressBar } from "./progress-bar.tsx";
import { SaveRows } from "./save-rows.tsx";
import { isSaving } from "./saves-store.ts";
import { TransferActions } from "./transfer-actions.tsx";
import { TransferControls } from "./transfer-controls.tsx";
import { inOrder } from "./transfer-queue.ts";
import { isUnderWay, type Transfer } from "./transfer-state.ts";
import { useSaves, useTransfersState } from "./use-transfers.ts";

/** Every download of this browser: running, resting, complete; the newest first. */
export function TransfersView() {
  const { t } = useTranslation();
  const { fileId } = usePlace();
  const { transfers, isCrashed } = useTransfersState();
  const saves = useSaves();
  const list = inOrder(transfers);
  const running = list.filter(isUnderWay).length + saves.filter(isSaving).length;
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
      {list.length === 0 ? null : <TransferControls />}
      {list.length + saves.length === 0 ? (
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
          {list.map((transfer) => (
            <TransferItem key={transfer.fileId} transfer={transfer} openId={fileId} />
          ))}
        </ul>
      )}
    </div>
  );
}

function TransferItem({ transfer, openId }: { transfer: Transfer; openId: FileId | undefined }) {
  const { fileId, name } = transfer;
  const isOpen = openId === fileId;
  return (
    <li className={`flex flex-col gap-2 px-4 py-3 ${isOpen ? "bg-honey-soft" : ""}`}>
      <a
        href={filePath(fileId)}
        onClick={(event) => onPlainClick(event, () => openFile(fileId, name))}
        aria-current={isOpen ? "true" : undefined}
        className="truncate font-medium hover:underline"
      >
        <bdi>{displayName(name)}</bdi>
      </a>
      <ProgressBar transfer={transfer} slim />
      <div className="flex flex-wrap items-center justify-between gap-2">
        <Summary transfer={transfer} />
        {/* The sheet beside it has them already. */}
        {isOpen ? null : (
          <div className="flex flex-wrap gap-2">
            <TransferActions transfer={transfer} />
          </div>
        )}
      </div>
    </li>
  );
}

function Summary({ transfer }: { transfer: Transfer }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { phase, length, verifiedBytes, bytesPerSecond, secondsLeft } = transfer;
  switch (phase.type) {
    case "done":
      return (
        <p className="flex items-center gap-1.5 text-verified-ink tabular">
          <CircleCheck className="size-4 shrink-0" aria-hidden="true" />
          {formats.bytes(length)} · {t("transfer.done")}
        </p>
      );
    case "failed":
      return <p className="text-failed-ink">{t(`error.${phase.code}`)}</p>;
    case "queued":
    case "starting":
    case "waiting":
    case "stopping":
      return <p className="text-muted">{t(`transfer.${phase.type}`)}</p>;
    case "running":
    case "paused": {
      const done = t("transfer.ofTotal", {
        done: formats.bytes(verifiedBytes),
        total: formats.bytes(length),
      });
      const left =
        secondsLeft === undefined || !transfer.isWhole
          ? ""
          : ` · ${t("transfer.left", { duration: formats.duration(secondsLeft) })}`;
      const pace =
        phase.type === "paused" ? ` · ${t("transfer.paused")}` : ` · ${formats.speed(bytesPerSecond)}${left}`;
      return <p className="text-muted tabular">{done + pace}</p>;
    }
  }
}
