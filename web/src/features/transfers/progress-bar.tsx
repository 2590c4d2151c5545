import { displayName } from "@panal/sdk/content";
import { useTranslation } from "react-i18next";
import { Bar } from "../../ui/bar.tsx";
import type { Transfer } from "./transfer-state.ts";

/** How much of a file is verified. */
export function ProgressBar({ transfer, slim = false }: { transfer: Transfer; slim?: boolean }) {
  const { t } = useTranslation();
  const { name, length, verifiedBytes, phase } = transfer;
  const fraction = phase.type === "done" ? 1 : length === 0 ? 0 : verifiedBytes / length;
  const look = phase.type === "done" || phase.type === "failed" ? phase.type : "running";
  const label = t("transfer.progress", { name: displayName(name) });
  return <Bar label={label} fraction={fraction} look={look} slim={slim} />;
}
