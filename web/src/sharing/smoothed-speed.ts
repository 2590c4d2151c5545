/** Speeds are means over about so long. */
const SMOOTHING_MS = 2_000;

interface Sample {
  /** What has gone since the last one. */
  readonly bytes: number;
  readonly elapsedMs: number;
}

/** Bytes a second, by what they were at the last sample and what has gone since. */
export function smoothedSpeed(before: number, { bytes, elapsedMs }: Sample): number {
  const speed = (bytes / elapsedMs) * 1000;
  return before + (speed - before) * Math.min(1, elapsedMs / SMOOTHING_MS);
}

/** The same, but it comes to an end: what changes is told, and a mean alone would fall for ever. */
export function endingSpeed(before: number, sample: Sample): number {
  const speed = smoothedSpeed(before, sample);
  return speed < 1 ? 0 : speed;
}
