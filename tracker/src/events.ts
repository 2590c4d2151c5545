import { setImmediate } from "node:timers/promises";
import { type AnnouncedFile, type Clock, systemClock } from "@panal/sdk";
import { type EventFilterOptions, createEventFilters } from "./event-filters.ts";
import { type EventListener, createEventListener } from "./event-listener.ts";
import { createEventRing } from "./event-ring.ts";
import type { LogPart, LoggedEvent } from "./store/event-log.ts";

/** What happened, for whoever watches. */
export interface TrackerEvent {
  readonly type: "peer-joined" | "peer-changed" | "peer-left" | "files-changed";
  readonly peerId: string;
  readonly name: string;
  /** Only the tracker's own machine knows of this peer. */
  readonly isLocalOnly: boolean;
  /** With "files-changed". */
  readonly revision?: number;
  readonly fileCount?: number;
  /** Of a list that was changed, not replaced: what came or changed, and the paths that went. */
  readonly added?: readonly Pick<AnnouncedFile, "path" | "fileId">[];
  readonly removed?: readonly string[];
}

/** Each costs a connection and, while it is slow, a queue; a campus has fewer. */
const MAX_LISTENERS = 10_000;
/** Proxies cut what is silent for longer. */
const HEARTBEAT_MS = 15_000;
/** What happens in this time after something was sent goes out together: a write to each listener costs more than its content. */
const GATHER_MS = 100;
/** Listeners that are served before requests get their turn. */
const LISTENERS_PER_TURN = 500;

export interface WatchOptions extends EventFilterOptions {
  readonly includeLocalOnly: boolean;
  /** The last event the client has seen, as it says. */
  readonly lastEventId?: string | undefined;
  /** Ends the watching. */
  readonly signal: AbortSignal;
  /** Called once when it has ended, whoever ended it. */
  readonly onEnd?: (() => void) | undefined;
}

export interface EventBus {
  emit(event: TrackerEvent): void;
  /** Begins with the last events of a log that others write to as well; whoever watched another one comes again. */
  adopt(part: LogPart): void;
  /** Passes on what was read from the log after that. */
  receive(events: readonly LoggedEvent[]): void;
  /**
   * To be awaited before `watch`: a client that comes from another replica may have seen what isn't known here yet. Rejects
   * when the log can't be read now.
   */
  reach(lastEventId: string | undefined): Promise<void>;
  /** A body of server-sent events; undefined when there are too many already, or the tracker stops. */
  watch(options: WatchOptions): ReadableStream<Uint8Array> | undefined;
  /** How many watch. */
  readonly listenerCount: number;
  /** Ends all streams. */
  close(): void;
}

export interface EventBusOptions {
  clock?: Clock | undefined;
  /** Has everything received that is in the log by now. */
  readLog?: (() => Promise<void>) | undefined;
  /** Told of each, wherever it happened. */
  onEvent?: ((event: TrackerEvent) => void) | undefined;
}

/** One timer and one fan-out for all who watch: an event is written out once, whoever reads it. */
export function createEventBus(options: EventBusOptions = {}): EventBus {
  const { clock = systemClock, readLog, onEvent } = options;
  const ring = createEventRing();
  const filters = createEventFilters();
  /** With what is to be called at the end of each. */
  const listeners = new Map<EventListener, (() => void) | undefined>();
  const closed = new AbortController();
  let sentSeq = ring.lastSeq;
  let isSending = false;
  /** Whether the log is known that others read, too. */
  let isAdopted = false;
  let beating: AbortController | undefined;

  async function toEach(send: (listener: EventListener) => void): Promise<void> {
    let served = 0;
    for (const listener of listeners.keys()) {
      send(listener);
      if (++served % LISTENERS_PER_TURN === 0) await setImmediate();
    }
  }

  /** Sends at once what comes after a silence, and together what follows. */
  async function sendAll(): Promise<void> {
    try {
      await setImmediate();
      while (sentSeq < ring.lastSeq && listeners.size > 0) {
        const batch = ring.after(sentSeq);
        sentSeq = ring.lastSeq;
        await toEach((listener) => listener.deliver(batch));
        await clock.sleep(GATHER_MS, closed.signal);
      }
      sentSeq = ring.lastSeq;
    } finally {
      isSending = false;
    }
  }

  async function beat(signal: AbortSignal): Promise<void> {
    for (;;) {
      await clock.sleep(HEARTBEAT_MS, signal);
      const heartbeat = { seq: ring.lastSeq, frame: ring.position("still here") };
      await toEach((listener) => listener.beat(heartbeat));
    }
  }

  function remove(listener: EventListener): void {
    const onEnd = listeners.get(listener);
    if (!listeners.delete(listener)) return;
    listener.close();
    onEnd?.();
    if (listeners.size > 0) return;
    beating?.abort();
    beating = undefined;
  }

  function passOn(event: TrackerEvent, seq?: number): void {
    onEvent?.(event);
    ring.add(event, seq);
    filters.note(event);
    if (isSending) return;
    isSending = true;
    // Fails only when the tracker stops.
    sendAll().catch(() => {});
  }

  return {
    emit: (event) => passOn(event),

    adopt({ log, events, lastSeq }) {
      // Their ids are of another log: with the next connection they are told to look at everything anew.
      for (const listener of listeners.keys()) remove(listener);
      isAdopted = true;
      ring.adopt(log, (events[0]?.seq ?? lastSeq + 1) - 1);
      for (const { seq, event } of events) ring.add(event, seq);
      sentSeq = ring.lastSeq;
    },

    receive(events) {
      for (const { seq, event } of events) passOn(event, seq);
    },

    async reach(lastEventId) {
      if (lastEventId !== undefined && (!isAdopted || ring.isAhead(lastEventId))) await readLog?.();
    },

    watch({ includeLocalOnly, lastEventId, signal, onEnd, ...wanted }) {
      if (listeners.size >= MAX_LISTENERS || closed.signal.aborted || signal.aborted) return undefined;
      const listener = createEventListener({
        ring,
        filter: filters.open(wanted),
        includeLocalOnly,
        lastEventId,
        onCancel: () => remove(listener),
      });
      listeners.set(listener, onEnd);
      signal.addEventListener("abort", () => remove(listener), { once: true });
      if (beating === undefined) {
        beating = new AbortController();
        // Ends with the last listener.
        beat(beating.signal).catch(() => {});
      }
      return listener.body;
    },

    get listenerCount() {
      return listeners.size;
    },

    close() {
      closed.abort();
      for (const listener of listeners.keys()) remove(listener);
    },
  };
}
