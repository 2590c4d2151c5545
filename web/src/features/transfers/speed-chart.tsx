import { useTranslation } from "react-i18next";
import { useFormats } from "../../ui/use-formats.ts";
import { fastestOf, linePoints, type SpeedHistory } from "./speed-history.ts";

const WIDTH = 320;
const HEIGHT = 44;

/** How fast a whole transfer was in the last minute. */
export function SpeedChart({ speeds }: { speeds: SpeedHistory }) {
  const { t } = useTranslation();
  const formats = useFormats();
  if (speeds.values.length < 2) return null;
  const fastest = fastestOf([speeds]);
  const points = linePoints(speeds, { fastest, width: WIDTH, height: HEIGHT });
  const line = points.map(({ x, y }) => `${x},${y}`).join(" ");
  const now = formats.speed(speeds.values.at(-1)!);
  const most = formats.speed(fastest);
  return (
    <figure data-testid="speed-chart" className="text-xs text-muted">
      <figcaption className="mb-1 flex justify-between gap-3 tabular" aria-hidden="true">
        <span>{t("transfer.speed")}</span>
        <span>{t("transfer.fastest", { speed: most })}</span>
      </figcaption>
      {/* Drawn as wide as there is room; lines keep their width. */}
      <svg
        role="img"
        aria-label={t("transfer.speedChart", { now, fastest: most })}
        viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`}
        preserveAspectRatio="none"
        className="block h-11 w-full"
      >
        <path
          d={`M0 ${HEIGHT}H${WIDTH}`}
          className="stroke-line-strong"
          fill="none"
          vectorEffect="non-scaling-stroke"
        />
        <path
          d={`M0 ${HEIGHT / 2}H${WIDTH}`}
          className="stroke-line"
          fill="none"
          vectorEffect="non-scaling-stroke"
        />
        <polygon
          points={`${points[0]!.x},${HEIGHT} ${line} ${WIDTH},${HEIGHT}`}
          className="fill-honey"
          opacity="0.25"
        />
        <polyline
          points={line}
          fill="none"
          className="stroke-honey"
          strokeWidth="1.75"
          strokeLinejoin="round"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
    </figure>
  );
}
