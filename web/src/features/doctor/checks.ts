import { PanalError } from "@panal/sdk";
import { tracker } from "../../app/tracker.ts";
import { hasBrowserStorage, pageAbilities } from "../../engine/choose-store.ts";

/** What was found out about one thing this page needs. */
export type Finding =
  | { type: "tracker"; ms: number }
  | { type: "secure"; isSecure: boolean }
  | { type: "storage"; freeBytes: number; isPersisted: boolean }
  | { type: "storage-missing" }
  | { type: "picker"; isThere: boolean }
  | { type: "service-worker"; state: "running" | "waiting" | "missing" };

export async function checkTracker(signal: AbortSignal): Promise<Finding> {
  // The first call may have to connect.
  await tracker.getStats({ signal });
  const startedAtMs = performance.now();
  await tracker.getStats({ signal });
  return { type: "tracker", ms: performance.now() - startedAtMs };
}

/** Really opens the storage: browsers have it and refuse it, for instance in private windows. */
export async function checkStorage(): Promise<Finding> {
  if (!hasBrowserStorage()) return { type: "storage-missing" };
  try {
    await navigator.storage.getDirectory();
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    const isPersisted = await navigator.storage.persisted();
    return { type: "storage", freeBytes: Math.max(0, quota - usage), isPersisted };
  } catch (error) {
    throw PanalError.from(error, "no-permission");
  }
}

export function checkSecure(): Finding {
  return { type: "secure", isSecure: window.isSecureContext };
}

export function checkPicker(): Finding {
  return { type: "picker", isThere: pageAbilities().pickFile !== undefined };
}

export async function checkServiceWorker(): Promise<Finding> {
  // Missing on insecure origins, whatever its type says.
  const container: ServiceWorkerContainer | undefined = navigator.serviceWorker;
  if (container === undefined) return { type: "service-worker", state: "missing" };
  const registration = await container.getRegistration();
  return { type: "service-worker", state: registration?.active ? "running" : "waiting" };
}
