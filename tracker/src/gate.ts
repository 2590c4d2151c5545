/** Lets a number of things run at the same time; the others wait in line. */
export interface Gate {
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createGate(places: number): Gate {
  let free = places;
  const line: (() => void)[] = [];
  return {
    async run(work) {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => line.push(resolve));
      try {
        return await work();
      } finally {
        // The place goes straight to the next in line, if there is one.
        const next = line.shift();
        if (next === undefined) free++;
        else next();
      }
    },
  };
}
