/** The smallest figure that at least this share (0 to 1) of all are not above: the nearest rank. */
export function percentile(figures: readonly number[], share: number): number {
  if (figures.length === 0) throw new Error("no figures, so no percentile");
  const sorted = Float64Array.from(figures).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}
