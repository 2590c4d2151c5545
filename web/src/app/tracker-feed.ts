import { trackerEvents, type TrackerEvent } from "@panal/sdk/tracker";
import { systemClock, type Clock } from "@panal/sdk/transfer";
import { useEffect, useEffectEvent } from "react";
import { tracker } from "./tracker.ts";

/** While there is no stream of events, lists look for themselves this often. */
const POLL_MS = 10_000;

interface FeedDeps {
  /** Words: of changes to files, only those that match. */
  readonly q: string | undefined;
  readonly signal: AbortSignal;
  /** Undefined: anything may have happened. */
  onEvent(event: TrackerEvent | undefined): void;
  readonly events?: typeof trackerEvents;
  readonly clock?: Clock;
}

/**
 * Tells what happens at the tracker until the signal fires: by its events, and as long as there are none (an old
 * tracker, a proxy that holds them back, no connection) by asking to look anew from time to time.
 */
export async function followTracker(deps: FeedDeps): Promise<void> {
  const { q, signal, onEvent, events = trackerEvents, clock = systemClock } = deps;
  let isOpen = false;
  const polling = (async () => {
    for (;;) {
      await clock.sleep(POLL_MS, signal);
      if (!isOpen) onEvent(undefined);
    }
  })().catch(() => {});
  try {
    const stream = events({
      url: tracker.url,
      ...(q === undefined || q === "" ? {} : { q }),
      signal,
      clock,
      onConnection({ type }) {
        isOpen = type === "open";
        // What happened before it was there nobody told.
        if (isOpen) onEvent(undefined);
      },
    });
    for await (const event of stream) onEvent(event.type === "resync" ? undefined : event);
  } catch {
    // It refuses to tell: asking goes on.
    isOpen = false;
  }
  await polling;
}

/**
 * Calls back when something happens at the tracker, for as long as the page is in sight. A page that nobody looks at
 * has no stream: a browser has six connections to a tracker, and six open tabs would use them up.
 */
export function useTrackerFeed(
  q: string | undefined,
  onEvent: (event: TrackerEvent | undefined) => void,
): void {
  const tell = useEffectEvent(onEvent);
  useEffect(() => {
    let ending: AbortController | undefined;
    function follow(): void {
      ending?.abort();
      ending = undefined;
      if (document.visibilityState === "hidden") return;
      ending = new AbortController();
      void followTracker({ q, signal: ending.signal, onEvent: tell });
    }
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      ending?.abort();
    };
  }, [q]);
}
