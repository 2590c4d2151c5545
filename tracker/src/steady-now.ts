/**
 * Milliseconds since 1970: the machine's clock as it was at the start, and what has passed since. When the clock is set
 * meanwhile, back or forward, nobody seems to have been silent for hours, and nobody who went seems to be there.
 */
export function createSteadyNow(
  { wallMs, steadyMs }: { wallMs: () => number; steadyMs: () => number } = {
    wallMs: Date.now,
    steadyMs: () => performance.now(),
  },
): () => number {
  const startMs = wallMs() - steadyMs();
  return () => Math.floor(startMs + steadyMs());
}
