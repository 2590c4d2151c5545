import { PanalError } from "../errors.ts";

/** Time from outside, so that tests own it. */
export interface Clock {
  /** Milliseconds, never backwards. */
  now(): number;
  /** Settles after `ms`; rejects with "aborted" as soon as the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(new PanalError("aborted", "stopped"));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, ms);
      if (signal?.aborted) stop();
      else signal?.addEventListener("abort", stop, { once: true });
    }),
};
