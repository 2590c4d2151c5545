import { PanalError, throwIfAborted } from "../errors.ts";

/** Lets things run at the same time as long as there are places for them; the others wait in line. */
export interface Gate {
  /**
   * `weight`: places it takes; what takes more than there are has all of them. `signal`: ends the wait, with "aborted"; what runs is
   * left alone. Starts at once where there is room.
   */
  run<T>(work: () => Promise<T>, weight?: number, signal?: AbortSignal): Promise<T>;
}

export function createGate(places: number): Gate {
  let free = places;
  const line: { taken: number; enter: () => void }[] = [];

  function admit(): void {
    // Whoever takes many isn't overtaken by those who take few.
    for (let first = line[0]; first !== undefined && first.taken <= free; first = line[0]) {
      line.shift();
      free -= first.taken;
      first.enter();
    }
  }

  function turn(taken: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = {
      taken,
      enter() {
        signal?.removeEventListener("abort", leave);
        resolve();
      },
    };
    function leave(): void {
      line.splice(line.indexOf(waiting), 1);
      reject(new PanalError("aborted", "stopped", { cause: signal?.reason }));
      admit();
    }
    line.push(waiting);
    signal?.addEventListener("abort", leave, { once: true });
    return promise;
  }

  return {
    async run(work, weight = 1, signal) {
      throwIfAborted(signal);
      const taken = Math.min(weight, places);
      if (line.length === 0 && taken <= free) free -= taken;
      else await turn(taken, signal);
      try {
        throwIfAborted(signal);
        return await work();
      } finally {
        free += taken;
        admit();
      }
    },
  };
}
