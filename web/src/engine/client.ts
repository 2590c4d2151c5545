import { type Remote, wrap } from "comlink";
// oxlint-disable-next-line import/default -- Vite makes it: the URL of the built worker
import workerUrl from "./engine.worker.ts?worker&url";
import type { Engine } from "./engine-api.ts";

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): string;
  };
}

/** The only script this page may start is its own worker: whatever else asks for it is refused. */
function trustedWorkerUrl(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (trustedTypes === undefined) return workerUrl;
  const policy = trustedTypes.createPolicy("panal", {
    createScriptURL(url) {
      if (url !== workerUrl) throw new TypeError(`not a script of this app: ${url}`);
      return url;
    },
  });
  return policy.createScriptURL(workerUrl);
}

/** Starts the engine's worker. One for each tab: it holds every transfer and lives as long as the page. */
export function startEngine(): { engine: Remote<Engine>; onCrash(listener: () => void): void } {
  const worker = new Worker(trustedWorkerUrl(), { type: "module", name: "panal-engine" });
  return {
    engine: wrap<Engine>(worker),
    onCrash: (listener) => worker.addEventListener("error", listener),
  };
}
