/** How long to wait after so many failures in a row: twice as long each time, half of it left to chance. `random`: 0 to 1. */
export function backoffMs(
  failures: number,
  { firstMs, maxMs, random }: { firstMs: number; maxMs: number; random: number },
): number {
  return Math.min(firstMs * 2 ** failures, maxMs) * (0.5 + random / 2);
}
