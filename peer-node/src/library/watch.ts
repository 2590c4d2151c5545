import { relative, sep } from "node:path";
import watcher from "@parcel/watcher";
import { type Clock, PanalError, isAbort, systemClock } from "@panal/sdk";

/** Even a watcher that works may have missed something: everything is looked at again this often. */
const SAFETY_RESCAN_MS = 3_600_000;
/** Without a watcher. */
const POLL_MS = 30_000;

export interface WatchOptions {
  /** Real path of the share. */
  root: string;
  /** Something may have changed at these paths ("" is everything). */
  onPaths: (paths: readonly string[]) => void;
  /** For people: changes are seen at once, or only by looking again from time to time, and why. */
  onState?: (state: { type: "watching" } | { type: "polling"; everyMs: number; error: PanalError }) => void;
  clock?: Clock;
  subscribe?: typeof watcher.subscribe;
}

export interface Watch {
  close(): Promise<void>;
}

/**
 * Watches a folder tree. When that can't be done or breaks (too many folders, events lost, the folder itself gone), it is
 * looked at from time to time, and watching is tried again.
 */
export function watchFolder(options: WatchOptions): Watch {
  const { root, onPaths, onState, clock = systemClock, subscribe = watcher.subscribe } = options;
  const closing = new AbortController();
  const { signal } = closing;
  let isPolling = false;

  /** Ends by throwing why it doesn't work (any more). */
  async function watch(): Promise<never> {
    const broken = Promise.withResolvers<never>();
    // It may break before anybody waits for it.
    broken.promise.catch(() => {});
    const subscription = await subscribe(root, (error, events) => {
      if (error !== null) {
        onPaths([""]);
        broken.reject(PanalError.from(error, "unreachable"));
        return;
      }
      const paths = events.map(({ path }) => relative(root, path).replaceAll(sep, "/"));
      if (events.some(({ path, type }) => path === root && type === "delete")) {
        broken.reject(new PanalError("not-found", `${root} is gone`));
      }
      onPaths(paths.map((path) => (path.startsWith("../") ? "" : path)));
    });
    try {
      isPolling = false;
      onState?.({ type: "watching" });
      // What changed before the watcher was in place.
      onPaths([""]);
      for (;;) {
        await Promise.race([broken.promise, clock.sleep(SAFETY_RESCAN_MS, signal)]);
        onPaths([""]);
      }
    } finally {
      await subscription.unsubscribe().catch(() => {});
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await watch();
      } catch (error) {
        if (isAbort(error) || signal.aborted) return;
        if (!isPolling) onState?.({ type: "polling", everyMs: POLL_MS, error: PanalError.from(error) });
        isPolling = true;
      }
      onPaths([""]);
      await clock.sleep(POLL_MS, signal);
    }
  }

  // Ends with close, and only so.
  const ended = run().catch(() => {});
  return {
    async close() {
      closing.abort();
      await ended;
    },
  };
}
