/** How far back speeds are shown, in seconds: a value for each. */
export const HISTORY_SECONDS = 60;

/** Fewer are drawn as wide as so many, so that a line doesn't begin as a wall. */
const MIN_DRAWN_SECONDS = 15;

/** Speeds of the last minute, in bytes per second, the newest last. */
export interface SpeedHistory {
  /** The second the newest value belongs to. */
  readonly second: number;
  /** HISTORY_SECONDS at most. */
  readonly values: readonly number[];
}

export const NO_SPEEDS: SpeedHistory = { second: 0, values: [] };

/** Takes a speed in. Of several in one second the last counts; seconds in which nothing was told were quiet. */
export function withSpeed(
  { second, values }: SpeedHistory,
  { bytesPerSecond, nowMs }: { bytesPerSecond: number; nowMs: number },
): SpeedHistory {
  const now = Math.floor(nowMs / 1000);
  if (values.length === 0) return { second: now, values: [bytesPerSecond] };
  // A clock that went back: the second it was goes on.
  const passed = Math.max(0, now - second);
  if (passed === 0) return { second, values: [...values.slice(0, -1), bytesPerSecond] };
  // One without news is between two that have some, more often than that nothing came in it.
  const gap = passed <= 2 ? values.at(-1)! : 0;
  const missed = Array.from({ length: Math.min(passed - 1, HISTORY_SECONDS) }, () => gap);
  return { second: now, values: [...values, ...missed, bytesPerSecond].slice(-HISTORY_SECONDS) };
}

/** The largest of all, or 1, so that it can be divided by. */
export function fastestOf(histories: readonly SpeedHistory[]): number {
  return Math.max(1, ...histories.flatMap(({ values }) => values));
}

/**
 * A line through the values, as SVG's `points`: 0 at the bottom, `fastest` at the top, the newest at the right.
 * It takes the whole width after some seconds.
 */
export function linePoints(
  { values }: SpeedHistory,
  { fastest, width, height }: { fastest: number; width: number; height: number },
): { x: number; y: number }[] {
  const step = width / (Math.max(values.length, MIN_DRAWN_SECONDS) - 1);
  return values.map((value, at) => ({
    x: round(width - (values.length - 1 - at) * step),
    y: round(height - (Math.min(value, fastest) / fastest) * height),
  }));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
