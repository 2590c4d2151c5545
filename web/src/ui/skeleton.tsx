import { useTranslation } from "react-i18next";

// Different from row to row, so that it looks like names.
const WIDTHS = ["w-2/5", "w-3/5", "w-1/3", "w-1/2", "w-2/3", "w-2/5", "w-1/2", "w-1/3"];

/** Rows as they will be, while they load. */
export function SkeletonRows({ count = 8, rowClass = "h-10" }: { count?: number; rowClass?: string }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("common.loading")} className="animate-pulse">
      {Array.from({ length: count }, (_, index) => (
        <div key={index} className={`flex items-center gap-3 px-4 ${rowClass}`}>
          <div className="size-4 shrink-0 rounded bg-line" />
          <div className={`h-3 rounded bg-line ${WIDTHS[index % WIDTHS.length]}`} />
          <div className="ml-auto h-3 w-14 rounded bg-line" />
        </div>
      ))}
    </div>
  );
}

/** Tiles as they will be, while they load. */
export function SkeletonTiles({ count = 12 }: { count?: number }) {
  const { t } = useTranslation();
  return (
    <div
      role="status"
      aria-label={t("common.loading")}
      className="grid animate-pulse grid-cols-[repeat(auto-fill,minmax(150px,1fr))]"
    >
      {Array.from({ length: count }, (_, index) => (
        <div key={index} className="m-1.5 h-43 rounded-xl border border-line bg-sunken" />
      ))}
    </div>
  );
}
