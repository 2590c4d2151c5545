import { displayName, type FileId } from "@panal/sdk/content";
import { ChevronDown, CircleCheck } from "lucide-react";
import { memo, type MouseEvent, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { openFile } from "../../app/place.ts";
import { filePath } from "../../app/route.ts";
import { Button } from "../../ui/button.tsx";
import { onPlainClick } from "../../ui/file-link.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { ProgressBar } from "./progress-bar.tsx";
import { TransferActions } from "./transfer-actions.tsx";
import type { Transfer } from "./transfer-state.ts";

/** So many rows at first, and with each press: a folder of thousands is as many transfers, whose rows differ in height. */
const PAGE_ROWS = 100;

/** A row each for the first ones, and a button for more. */
export function TransferRows(props: { transfers: readonly Transfer[]; openId: FileId | undefined }) {
  const { transfers, openId } = props;
  const { t } = useTranslation();
  const formats = useFormats();
  const [shown, setShown] = useState(PAGE_ROWS);
  const hidden = transfers.length - shown;

  function showMore({ currentTarget }: MouseEvent): void {
    const before = currentTarget.closest("li")?.previousElementSibling;
    flushSync(() => setShown(shown + PAGE_ROWS));
    // The button may be gone now: who came by keyboard goes on at the first new row.
    before?.nextElementSibling?.querySelector("a")?.focus();
  }

  return (
    <>
      {transfers.slice(0, shown).map((transfer) => (
        <TransferRow key={transfer.fileId} transfer={transfer} isOpen={openId === transfer.fileId} />
      ))}
      {hidden > 0 ? (
        <li className="flex flex-wrap items-center justify-between gap-2 px-4 py-3">
          <span className="text-muted tabular">
            {t("transfers.hidden", { count: hidden, formatted: formats.count(hidden) })}
          </span>
          <Button look="quiet" icon={<ChevronDown />} onClick={showMore}>
            {t("transfers.more", { formatted: formats.count(Math.min(hidden, PAGE_ROWS)) })}
          </Button>
        </li>
      ) : null}
    </>
  );
}

/** Drawn anew only when its own transfer has changed. */
const TransferRow = memo(function TransferRow(props: { transfer: Transfer; isOpen: boolean }) {
  const { transfer, isOpen } = props;
  const { fileId, name } = transfer;
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
});

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
