/** How many took so many whole milliseconds; the last place is for all that took longer. */
export type Delays = Uint32Array;

const LONGEST_MS = 60_000;

export function createDelays(): Delays {
  return new Uint32Array(LONGEST_MS + 1);
}

export function countDelay(delays: Delays, delayMs: number): void {
  const place = Math.min(LONGEST_MS, Math.max(0, Math.ceil(delayMs)));
  delays[place] = delays[place]! + 1;
}

/** The smallest number of milliseconds within which this share (0 to 1) of all came. */
export function delayWithin(all: readonly Delays[], share: number): number {
  const total = all.reduce((sum, delays) => delays.reduce((part, count) => part + count, sum), 0);
  if (total === 0) throw new Error("nothing came, so nothing was late");
  let counted = 0;
  for (let ms = 0; ms < LONGEST_MS; ms++) {
    for (const delays of all) counted += delays[ms]!;
    if (counted >= share * total) return ms;
  }
  return LONGEST_MS;
}
