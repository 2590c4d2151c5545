/** What happened, for whoever watches. */
export interface TrackerEvent {
  readonly type: "peer-joined" | "peer-left" | "files-changed";
  readonly peerId: string;
  readonly name: string;
  /** Only the tracker's own machine knows of this peer. */
  readonly isLocalOnly: boolean;
  /** With "files-changed". */
  readonly revision?: number;
  readonly fileCount?: number;
}

/** Events a watcher may be behind; then it is told to look at everything anew. */
const MAX_QUEUED = 256;
const MAX_WATCHERS = 1_000;

export interface Watcher {
  /** The next event; "reset" when some were lost; undefined after `timeoutMs` without any, and when closed. */
  next(timeoutMs: number): Promise<TrackerEvent | "reset" | undefined>;
  /** Nothing will come any more. */
  readonly closed: boolean;
  close(): void;
}

export interface EventBus {
  emit(event: TrackerEvent): void;
  /** Undefined when there are too many watchers. */
  watch(options: { includeLocalOnly: boolean }): Watcher | undefined;
  /** How many watch. */
  readonly listenerCount: number;
  /** Wakes and ends all watchers. */
  close(): void;
}

export function createEventBus(): EventBus {
  const watchers = new Set<{ push(event: TrackerEvent): void; close(): void }>();
  return {
    emit(event) {
      for (const watcher of watchers) watcher.push(event);
    },
    watch({ includeLocalOnly }) {
      if (watchers.size >= MAX_WATCHERS) return undefined;
      let queue: (TrackerEvent | "reset")[] = [];
      let wake: (() => void) | undefined;
      const watcher = {
        push(event: TrackerEvent) {
          if (event.isLocalOnly && !includeLocalOnly) return;
          if (queue.length >= MAX_QUEUED) queue = ["reset"];
          else queue.push(event);
          wake?.();
        },
        close() {
          watchers.delete(watcher);
          wake?.();
        },
      };
      watchers.add(watcher);
      return {
        async next(timeoutMs) {
          if (queue.length === 0 && watchers.has(watcher)) {
            const { promise, resolve } = Promise.withResolvers<void>();
            const timer = setTimeout(resolve, timeoutMs);
            wake = resolve;
            await promise;
            clearTimeout(timer);
            wake = undefined;
          }
          return queue.shift();
        },
        get closed() {
          return !watchers.has(watcher);
        },
        close: watcher.close,
      };
    },
    get listenerCount() {
      return watchers.size;
    },
    close() {
      for (const watcher of watchers) watcher.close();
    },
  };
}
