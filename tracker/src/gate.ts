/** Lets things run at the same time as long as there are places for them; the others wait in line. */
export interface Gate {
  /** `weight`: places it takes; what takes more than there are has all of them. */
  run<T>(work: () => Promise<T>, weight?: number): Promise<T>;
}

export function createGate(places: number): Gate {
  let free = places;
  const line: { taken: number; enter: () => void }[] = [];

  function admit(): void {
    for (let first = line[0]; first !== undefined && first.taken <= free; first = line[0]) {
      line.shift();
      free -= first.taken;
      first.enter();
    }
  }

  return {
    async run(work, weight = 1) {
      const taken = Math.min(weight, places);
      if (line.length === 0 && taken <= free) free -= taken;
      else await new Promise<void>((enter) => line.push({ taken, enter }));
      try {
        return await work();
      } finally {
        free += taken;
        admit();
      }
    },
  };
}
