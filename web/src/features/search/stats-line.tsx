import { useTranslation } from "react-i18next";
import { useFormats } from "../../ui/use-formats.ts";
import { useStats } from "./use-live-search.ts";

/** "12 files from 2 peers". */
export function StatsLine() {
  const { t } = useTranslation();
  const formats = useFormats();
  const { data } = useStats();
  // Keeps its place while it loads; the list says what to do when there is nothing.
  if (data === undefined || data.files === 0) return <p className="mt-3 h-5" />;
  const files = t("search.statsFiles", { count: data.files, formatted: formats.count(data.files) });
  const peers = t("search.statsPeers", { count: data.peers, formatted: formats.count(data.peers) });
  return (
    <p className="mt-3 h-5 text-center text-muted tabular">
      {t("search.stats", { files, peers })} · {formats.bytes(data.totalSize)}
    </p>
  );
}
