import type { Endpoint } from "comlink";

interface LaterWorker {
  /** For comlink: what is said before the worker is there, it hears when it starts. */
  readonly endpoint: Endpoint;
  /** Once; nothing happens when it runs already. */
  start(): void;
  onCrash(listener: () => void): void;
}

/** A worker that starts when there is time for it, and can be spoken to at once. */
export function createLaterWorker(create: () => Worker): LaterWorker {
  let worker: Worker | undefined;
  const early: ((worker: Worker) => void)[] = [];
  function tell(work: (worker: Worker) => void): void {
    if (worker === undefined) early.push(work);
    else work(worker);
  }
  return {
    endpoint: {
      postMessage: (message, transfer = []) => tell((each) => each.postMessage(message, transfer)),
      addEventListener: (...args) => tell((each) => each.addEventListener(...args)),
      removeEventListener: (...args) => tell((each) => each.removeEventListener(...args)),
    },
    start() {
      if (worker !== undefined) return;
      worker = create();
      for (const work of early.splice(0)) work(worker);
    },
    onCrash: (listener) => tell((each) => each.addEventListener("error", listener)),
  };
}
