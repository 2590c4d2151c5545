import { type Endpoint, type Remote, wrap } from "comlink";
import { trustedScriptUrls } from "../engine/trusted-script.ts";
import type { SharingApi } from "./sharing-api.ts";
// oxlint-disable-next-line import/default -- Vite makes it: the URL of the built worker
import workerUrl from "./sharing.worker.ts?worker&url";

/** Where there are no shared workers, one tab of a browser shares: each would hold connections of which there are six. */
const ONE_TAB_LOCK = "panal-sharing";

export interface StartedSharing {
  readonly api: Remote<SharingApi>;
  /** Held until the page is gone, however it goes; undefined where there are no locks. */
  readonly lockName: string | undefined;
}

/** Starts the worker that shares, or finds the one of another tab; undefined when another tab shares by itself. */
export async function startSharing(tabId: string, onCrash: () => void): Promise<StartedSharing | undefined> {
  const [url] = trustedScriptUrls([workerUrl]);
  const lockName = hasLocks() ? await holdLock(`panal-sharing-tab-${tabId}`) : undefined;
  if (typeof SharedWorker === "function") {
    const worker = new SharedWorker(url, { type: "module", name: "panal-sharing" });
    worker.addEventListener("error", onCrash);
    return { api: wrap<SharingApi>(worker.port), lockName };
  }
  if (hasLocks() && (await holdLock(ONE_TAB_LOCK, true)) === undefined) return undefined;
  const worker = new Worker(url, { type: "module", name: "panal-sharing" });
  worker.addEventListener("error", onCrash);
  return { api: wrap<SharingApi>(worker as Endpoint), lockName };
}

/** On an insecure origin there are none, whatever the types say. */
function hasLocks(): boolean {
  return (navigator as { locks?: LockManager }).locks !== undefined;
}

/** Settles when the page has the lock, with its name; with undefined when it is taken and isn't to be waited for. */
function holdLock(name: string, ifAvailable = false): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { ifAvailable }, (lock) => {
        resolve(lock === null ? undefined : name);
        return lock === null ? undefined : new Promise(() => {});
      })
      .catch(reject);
  });
}
