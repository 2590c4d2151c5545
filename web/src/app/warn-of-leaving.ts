/** While it is told to be busy, the browser asks before the page is left. Each caller has one of its own. */
export function createLeaveWarning(): (isBusy: boolean) => void {
  const warn = (event: BeforeUnloadEvent) => event.preventDefault();
  return (isBusy) => {
    // Only then, since browsers keep no page for "back" that listens.
    if (isBusy) window.addEventListener("beforeunload", warn);
    else window.removeEventListener("beforeunload", warn);
  };
}
