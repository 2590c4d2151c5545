import { useTranslation } from "react-i18next";
import type { Transfer } from "./transfer-state.ts";

/** How much of a file is verified. */
export function ProgressBar({ transfer, slim = false }: { transfer: Transfer; slim?: boolean }) {
  const { t } = useTranslation();
  const { length, verifiedBytes, phase } = transfer;
  const fraction = phase.type === "done" ? 1 : length === 0 ? 0 : verifiedBytes / length;
  const colour =
    phase.type === "done" ? "bg-verified-ink" : phase.type === "failed" ? "bg-failed-ink" : "bg-honey";
  return (
    <div
      role="progressbar"
      aria-label={t("nav.transfers")}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(fraction * 100)}
      className={`overflow-hidden rounded-full bg-line ${slim ? "h-1" : "h-1.5"}`}
    >
      <div
        className={`h-full rounded-full transition-[width] duration-200 ease-out ${colour}`}
        style={{ width: `${fraction * 100}%` }}
      />
    </div>
  );
}
