import { PanalError } from "@panal/sdk";
import { tracker } from "../../app/tracker.ts";
import { hasBrowserStorage, pageAbilities } from "../../engine/choose-store.ts";

/** What was found out about one thing this page needs. */
export type Finding =
  | { type: "tracker"; ms: number }
  | { type: "secure"; isSecure: boolean }
  | { type: "storage"; freeBytes: number }
  | { type: "storage-missing" }
  | { type: "picker"; isThere: boolean };

export async function checkTracker(signal: AbortSignal): Promise<Finding> {
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
    return { type: "storage", freeBytes: Math.max(0, quota - usage) };
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
