import { setImmediate } from "node:timers/promises";
import { type Clock, PanalError } from "@panal/sdk";

/** Time that passes when it is told to. */
export interface ManualClock extends Clock {
  /** Those who sleep now. */
  readonly sleeperCount: number;
  /** Lets what is under way come to rest, time pass, and what is due then happen. */
  pass(ms: number): Promise<void>;
}

export function createManualClock(): ManualClock {
  let nowMs = 0;
  const sleepers = new Set<{ atMs: number; wake: () => void }>();
  // Streams and promises hand on what they have from one turn to the next.
  const rest = async () => {
    for (let turn = 0; turn < 5; turn++) await setImmediate();
  };
  return {
    now: () => nowMs,
    sleep(ms, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = { atMs: nowMs + ms, wake: resolve };
      const stop = () => {
        sleepers.delete(sleeper);
        reject(new PanalError("aborted", "stopped"));
      };
      if (signal?.aborted) stop();
      else {
        sleepers.add(sleeper);
        signal?.addEventListener("abort", stop, { once: true });
      }
      return promise;
    },
    get sleeperCount() {
      return sleepers.size;
    },
    async pass(ms) {
      await rest();
      nowMs += ms;
      for (const sleeper of sleepers) {
        if (sleeper.atMs > nowMs) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      await rest();
    },
  };
}
