import { PanalError } from "../../errors.ts";
import type { Clock } from "../clock.ts";

interface Sleeper {
  readonly atMs: number;
  wake(): void;
}

/**
 * Time that jumps to the next sleeper as soon as nobody has anything else to do: hours of a download run in an
 * instant and always in the same order.
 */
export function createVirtualClock(): Clock {
  let nowMs = 0;
  let isTurning = false;
  const sleepers: Sleeper[] = [];

  function turn(): void {
    // A task of its own, so that all promises have settled by then.
    setTimeout(() => {
      const next = sleepers.shift();
      if (next === undefined) {
        isTurning = false;
        return;
      }
      nowMs = Math.max(nowMs, next.atMs);
      next.wake();
      turn();
    }, 0);
  }

  return {
    now: () => nowMs,
    sleep(ms, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = { atMs: nowMs + ms, wake: resolve };
      const stop = () => {
        const index = sleepers.indexOf(sleeper);
        if (index >= 0) sleepers.splice(index, 1);
        reject(new PanalError("aborted", "stopped"));
      };
      if (signal?.aborted) {
        stop();
        return promise;
      }
      signal?.addEventListener("abort", stop, { once: true });
      const later = sleepers.findIndex(({ atMs }) => atMs > sleeper.atMs);
      sleepers.splice(later < 0 ? sleepers.length : later, 0, sleeper);
      if (!isTurning) {
        isTurning = true;
        turn();
      }
      return promise;
    },
  };
}
