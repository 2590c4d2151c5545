import { linePoints, type SpeedHistory } from "./speed-history.ts";

const WIDTH = 56;
const HEIGHT = 16;

/** How fast a peer was in the last minute, against the fastest of them. The speed beside it says the rest. */
export function Sparkline({
  speeds,
  fastest,
  colour,
}: {
  speeds: SpeedHistory;
  fastest: number;
  colour: string;
}) {
  const points = linePoints(speeds, { fastest, width: WIDTH, height: HEIGHT });
  if (points.length < 2) return null;
  const line = points.map(({ x, y }) => `${x},${y}`).join(" ");
  return (
    <svg
      data-testid="sparkline"
      viewBox={`-1 -1 ${WIDTH + 2} ${HEIGHT + 2}`}
      className="h-4.5 w-14.5 shrink-0"
      aria-hidden="true"
    >
      <path d={`M0 ${HEIGHT}H${WIDTH}`} className="stroke-line" fill="none" />
      <polygon
        points={`${points[0]!.x},${HEIGHT} ${line} ${WIDTH},${HEIGHT}`}
        style={{ fill: colour }}
        opacity="0.25"
      />
      <polyline
        points={line}
        fill="none"
        style={{ stroke: colour }}
        strokeWidth="1.5"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
}
