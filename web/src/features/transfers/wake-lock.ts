/** Missing on insecure origins and in some browsers, whatever its type says. */
const locks = (): WakeLock | undefined => navigator.wakeLock;

/** Keeps the screen, and so the machine, awake for as long as it is wanted and somebody sees the page. */
export function createWakeLock(): (isWanted: boolean) => void {
  let isWanted = false;
  let held: Promise<WakeLockSentinel | undefined> | undefined;

  function update(): void {
    const isHeld = held !== undefined;
    const shouldHold = isWanted && document.visibilityState === "visible";
    if (shouldHold === isHeld) return;
    if (shouldHold) {
      // Refused with a low battery: then it sleeps.
      held = locks()
        ?.request("screen")
        .catch(() => undefined);
      return;
    }
    void held?.then((lock) => lock?.release());
    held = undefined;
  }

  // The browser lets go of it whenever the page is hidden.
  document.addEventListener("visibilitychange", update);
  return (wanted) => {
    isWanted = wanted;
    update();
  };
}
