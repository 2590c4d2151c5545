import { displayName } from "@panal/sdk/content";

/** Missing in some browsers and on insecure origins, whatever its type says. */
const notifications = (): typeof Notification | undefined => globalThis.Notification;

/** Nobody was asked yet, and a page may ask. */
export function canAskToNotify(): boolean {
  return isSecureContext && notifications()?.permission === "default";
}

/** Asks whether this page may tell when something is done; only ever from a click. */
export async function askToNotify(): Promise<void> {
  await notifications()?.requestPermission();
}

/** Tells that a file is complete to somebody who looks elsewhere, if that was allowed. */
export function notifyDone(name: string, text: string): void {
  if (document.visibilityState === "visible" || notifications()?.permission !== "granted") return;
  try {
    const shown = new Notification(displayName(name), { body: text, icon: "/icon-192.png" });
    shown.addEventListener("click", () => window.focus());
  } catch {
    // Phones let only service workers do that; the list says it as well.
  }
}
