import { PanalError } from "../errors.ts";

/** Stops and goes on with something that asks it before each step. */
export interface PauseSwitch {
  readonly isPaused: boolean;
  pause(): void;
  resume(): void;
  /** Settles while it isn't paused; rejects with "aborted". */
  whenRunning(signal: AbortSignal): Promise<void>;
}

export function createPauseSwitch(): PauseSwitch {
  let paused: PromiseWithResolvers<void> | undefined;
  const self: PauseSwitch = {
    get isPaused() {
      return paused !== undefined;
    },
    pause() {
      paused ??= Promise.withResolvers();
    },
    resume() {
      paused?.resolve();
      paused = undefined;
    },
    async whenRunning(signal) {
      while (self.isPaused && !signal.aborted) {
        const stopped = Promise.withResolvers<void>();
        const stop = () => stopped.resolve();
        signal.addEventListener("abort", stop, { once: true });
        await Promise.race([paused?.promise, stopped.promise]);
        signal.removeEventListener("abort", stop);
      }
      if (signal.aborted) throw new PanalError("aborted", "stopped", { cause: signal.reason });
    },
  };
  return self;
}
