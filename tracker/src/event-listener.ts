import type { EventFilter } from "./event-filters.ts";
import type { EventRing, KeptEvent } from "./event-ring.ts";

/** What waits for a client that doesn't read; with more it has lost some, and is told so. */
const MAX_QUEUED_BYTES = 64 * 1024;

/** A sign of life, with the number of the last event as its id. */
export interface Heartbeat {
  readonly seq: number;
  readonly frame: Uint8Array;
}

export interface EventListener {
  readonly body: ReadableStream<Uint8Array>;
  /** Queues what concerns this client; undefined: more happened than is kept. */
  deliver(batch: readonly KeptEvent[] | undefined): void;
  beat(heartbeat: Heartbeat): void;
  close(): void;
}

export interface EventListenerOptions {
  ring: EventRing;
  filter: EventFilter | undefined;
  includeLocalOnly: boolean;
  lastEventId: string | undefined;
  /** The client doesn't want any more. */
  onCancel: () => void;
}

/**
 * One client's stream. Events are dropped while its queue is full; as soon as it reads again it gets "resync" in their
 * place. A client that names an event which isn't known any more begins with one.
 */
export function createEventListener(options: EventListenerOptions): EventListener {
  const { ring, filter, includeLocalOnly, lastEventId } = options;
  let seenSeq = ring.lastSeq;
  let isBehind = false;
  let hasEnded = false;
  let controller!: ReadableStreamDefaultController<Uint8Array>;

  const isVisible = ({ event }: KeptEvent) => includeLocalOnly || !event.isLocalOnly;
  const concerns = (kept: KeptEvent) =>
    isVisible(kept) && (filter === undefined || filter.matches(kept.event));
  const room = () => controller.desiredSize ?? 0;

  /** What was dropped is before this, what comes is after it. */
  function catchUp(): void {
    isBehind = false;
    seenSeq = ring.lastSeq;
    controller.enqueue(ring.resync());
  }

  function send(events: readonly KeptEvent[]): void {
    if (events.length === 0 || isBehind) return;
    const bytes = bytesOf(events);
    if (bytes.length <= room()) controller.enqueue(bytes);
    else if (room() === MAX_QUEUED_BYTES) catchUp();
    else isBehind = true;
  }

  const body = new ReadableStream<Uint8Array>(
    {
      start(started) {
        controller = started;
      },
      // Called when something was read.
      pull() {
        if (isBehind) catchUp();
      },
      cancel() {
        hasEnded = true;
        options.onCancel();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_QUEUED_BYTES }),
  );

  const missed = lastEventId === undefined ? [] : ring.afterId(lastEventId);
  if (missed === undefined) catchUp();
  // Who had which file at that time isn't known any more: rather some events too many.
  else send(missed.filter(isVisible));
  controller.enqueue(ring.position("hello"));

  return {
    body,
    deliver(batch) {
      if (hasEnded || seenSeq >= ring.lastSeq) return;
      const fresh = batch && allOr(batch, ({ seq }) => seq > seenSeq);
      if (fresh === undefined) {
        if (room() > 0) catchUp();
        else isBehind = true;
        return;
      }
      seenSeq = Math.max(seenSeq, fresh.at(-1)?.seq ?? 0);
      send(allOr(fresh, concerns));
    },
    beat({ seq, frame }) {
      // The id must not pass over what is yet to be sent.
      if (hasEnded || isBehind || room() < frame.length) return;
      controller.enqueue(seq === seenSeq ? frame : HEARTBEAT);
    },
    close() {
      filter?.close();
      if (hasEnded) return;
      hasEnded = true;
      controller.close();
    },
  };
}

/** Those that pass; the same array when all do. */
function allOr(events: readonly KeptEvent[], passes: (kept: KeptEvent) => boolean): readonly KeptEvent[] {
  return events.every(passes) ? events : events.filter(passes);
}

/** What was put together once is the same for all who get the same events: thousands of copies would be most of the work. */
const joined = new WeakMap<readonly KeptEvent[], Uint8Array>();

function bytesOf(events: readonly KeptEvent[]): Uint8Array {
  if (events.length === 1) return events[0]!.frame;
  const known = joined.get(events);
  if (known !== undefined) return known;
  const bytes = Buffer.concat(events.map(({ frame }) => frame));
  joined.set(events, bytes);
  return bytes;
}

const HEARTBEAT = new TextEncoder().encode(": still here\n\n");
