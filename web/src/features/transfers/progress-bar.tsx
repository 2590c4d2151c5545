import { useTranslation } from "react-i18next";
import type { Transfer } from "./transfer-state.ts";

/** How much of a file is verified. */
export function ProgressBar({ transfer, slim = false }: { transfer: Transfer; slim?: boolean }) {
  const { length, verifiedBytes, phase } = transfer;
  const fraction = phase.type === "done" ? 1 : length === 0 ? 0 : verifiedBytes / length;
  const look = phase.type === "done" || phase.type === "failed" ? phase.type : "running";
  return <Bar fraction={fraction} look={look} slim={slim} />;
}

const LOOKS = { running: "bg-honey", done: "bg-verified-ink", failed: "bg-failed-ink" } as const;

export function Bar(props: { fraction: number; look: keyof typeof LOOKS; slim: boolean }) {
  const { fraction, look, slim } = props;
  const { t } = useTranslation();
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
        className={`h-full rounded-full transition-[width] duration-200 ease-out ${LOOKS[look]}`}
        style={{ width: `${fraction * 100}%` }}
      />
    </div>
  );
}
