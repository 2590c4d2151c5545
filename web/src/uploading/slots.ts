import { PanalError, throwIfAborted } from "@panal/sdk";

/** So many of something at a time, given out in the order they were asked for. */
export interface Slots {
  /** Waits for `count` of them (of all, if that is more); they are free again when what it gives is called. Throws "aborted". */
  take(count: number, signal: AbortSignal): Promise<() => void>;
}

export function createSlots(total: number): Slots {
  let free = total;
  const waiting: { count: number; go: () => void }[] = [];

  function serve(): void {
    // Whoever asks for many isn't overtaken by those who ask for few.
    for (let next = waiting[0]; next !== undefined && next.count <= free; next = waiting[0]) {
      waiting.shift();
      free -= next.count;
      next.go();
    }
  }

  return {
    async take(count, signal) {
      throwIfAborted(signal);
      const turn = Promise.withResolvers<void>();
      const entry = { count: Math.min(count, total), go: turn.resolve };
      const leave = () => {
        const at = waiting.indexOf(entry);
        if (at < 0) return;
        waiting.splice(at, 1);
        turn.reject(new PanalError("aborted", "stopped"));
        serve();
      };
      signal.addEventListener("abort", leave, { once: true });
      waiting.push(entry);
      serve();
      try {
        await turn.promise;
      } finally {
        signal.removeEventListener("abort", leave);
      }
      return () => {
        free += entry.count;
        serve();
      };
    },
  };
}
