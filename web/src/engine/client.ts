import { type Remote, wrap } from "comlink";
// oxlint-disable-next-line import/default -- Vite makes it: the URL of the built worker
import workerUrl from "./engine.worker.ts?worker&url";
import type { Engine } from "./engine-api.ts";
import { trustedScriptUrl } from "./trusted-script.ts";

/** Starts the engine's worker. One for each tab: it holds every transfer and lives as long as the page. */
export function startEngine(): { engine: Remote<Engine>; onCrash(listener: () => void): void } {
  const worker = new Worker(trustedScriptUrl(workerUrl), { type: "module", name: "panal-engine" });
  return {
    engine: wrap<Engine>(worker),
    onCrash: (listener) => worker.addEventListener("error", listener),
  };
}
