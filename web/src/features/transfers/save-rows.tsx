import { displayName } from "@panal/sdk/content";
import { CircleCheck, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Bar } from "../../ui/bar.tsx";
import { Button } from "../../ui/button.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { isSaving, type Save } from "./saves-store.ts";
import { useSaves, useSavesStore } from "./use-transfers.ts";

/** What goes straight into the browser's downloads: a row each, while this page is open. */
export function SaveRows() {
  return useSaves()
    .toReversed()
    .map((save) => <SaveRow key={save.id} save={save} />);
}

function SaveRow({ save }: { save: Save }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const store = useSavesStore();
  const { id, name, fileCount, givenBytes, lengthBytes } = save;
  return (
    <li data-testid="save" data-state={save.state} className="flex flex-col gap-2 px-4 py-3">
      <p className="flex items-baseline gap-2">
        <bdi className="min-w-0 truncate font-medium">{displayName(name)}</bdi>
        <span className="shrink-0 text-xs text-muted">
          {t("peers.files", { count: fileCount, formatted: formats.count(fileCount) })}
        </span>
      </p>
      <Bar
        label={t("transfer.progress", { name: displayName(name) })}
        fraction={save.state === "done" ? 1 : lengthBytes === 0 ? 0 : givenBytes / lengthBytes}
        look={save.state === "done" ? "done" : save.state === "failed" ? "failed" : "running"}
        slim
      />
      <div className="flex flex-wrap items-center justify-between gap-2">
        <Summary save={save} />
        {isSaving(save) ? (
          <Button look="quiet" icon={<X />} onClick={() => store.cancel(id)}>
            {t("transfer.cancel")}
          </Button>
        ) : (
          <Button look="quiet" icon={<X />} onClick={() => store.forget(id)}>
            {t("transfer.forget")}
          </Button>
        )}
      </div>
    </li>
  );
}

function Summary({ save: { state, code, givenBytes, lengthBytes } }: { save: Save }) {
  const { t } = useTranslation();
  const formats = useFormats();
  switch (state) {
    case "done":
      return (
        <p className="flex items-center gap-1.5 text-verified-ink tabular">
          <CircleCheck className="size-4 shrink-0" aria-hidden="true" />
          {formats.bytes(lengthBytes)} · {t("save.done")}
        </p>
      );
    case "failed":
      return <p className="text-failed-ink">{t(`error.${code ?? "internal"}`)}</p>;
    case "cancelled":
      return <p className="text-muted">{t("save.cancelled")}</p>;
    case "starting":
    case "running":
      return (
        <p className="text-muted tabular">
          {t("transfer.ofTotal", { done: formats.bytes(givenBytes), total: formats.bytes(lengthBytes) })} ·{" "}
          {t("save.running")}
        </p>
      );
  }
}
