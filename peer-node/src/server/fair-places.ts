/** A number of places that clients share. */
export interface FairPlaces {
  /**
   * Takes a place; the function it gives frees it. When all are taken, whoever has most of them loses the last it took to a
   * client that has fewer even with one more; else undefined.
   */
  take(client: string, onLost: () => void): (() => void) | undefined;
  readonly taken: number;
}

interface Holding {
  onLost(): void;
}

/**
 * One client can't keep the others out, however many places it asks for: it may have all that are free, and gives back what
 * is more than its share when others come.
 */
export function createFairPlaces(max: number): FairPlaces {
  /** In the order they were taken. */
  const holdings = new Map<string, Set<Holding>>();
  let taken = 0;

  function free(client: string, holding: Holding): boolean {
    const own = holdings.get(client);
    if (own?.delete(holding) !== true) return false;
    if (own.size === 0) holdings.delete(client);
    taken--;
    return true;
  }

  /** Takes a place from whoever has most, if that is more than `client` would have with it. */
  function makeRoom(client: string): boolean {
    let [greediest, most] = ["", (holdings.get(client)?.size ?? 0) + 1];
    for (const [each, { size }] of holdings) if (size > most) [greediest, most] = [each, size];
    const last = [...(holdings.get(greediest) ?? [])].at(-1);
    if (last === undefined) return false;
    free(greediest, last);
    last.onLost();
    return true;
  }

  return {
    take(client, onLost) {
      if (taken >= max && !makeRoom(client)) return undefined;
      const holding = { onLost };
      const own = holdings.get(client);
      if (own === undefined) holdings.set(client, new Set([holding]));
      else own.add(holding);
      taken++;
      return () => void free(client, holding);
    },
    get taken() {
      return taken;
    },
  };
}
