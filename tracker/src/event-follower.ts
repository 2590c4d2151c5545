import { type Clock, systemClock } from "@panal/sdk";
import type { EventBus } from "./events.ts";
import type { EventLog } from "./store/event-log.ts";

/** What correctness rests on: wake-ups may get lost. */
const ASK_MS = 1_000;
/** What happens in this time is read together. */
const GATHER_MS = 50;

export interface EventFollower {
  /** There may be something new. */
  wake(): void;
  /** Passes on what is in the log by now. Rejects when it can't be read. */
  read(): Promise<void>;
  close(): Promise<void>;
}

export interface EventFollowerOptions {
  readonly eventLog: EventLog;
  readonly bus: Pick<EventBus, "adopt" | "receive">;
  readonly clock?: Clock;
}

/** Brings what happened at any replica to those who watch at this one. */
export function createEventFollower({
  eventLog,
  bus,
  clock = systemClock,
}: EventFollowerOptions): EventFollower {
  const closed = new AbortController();
  /** Where it has got to; undefined before the first answer. */
  let position: { log: string; seq: number } | undefined;
  let reading: Promise<void> | undefined;
  let nap = new AbortController();

  async function readOn(): Promise<void> {
    for (;;) {
      const part = await eventLog.read(position?.seq);
      const { log, lastSeq } = part;
      if (position === undefined) {
        bus.adopt(part);
        position = { log, seq: part.events.at(-1)?.seq ?? lastSeq };
      } else if (log !== position.log || lastSeq < position.seq) {
        // Another database, or an older copy of it.
        position = undefined;
        continue;
      } else {
        bus.receive(part.events);
        position = { log, seq: part.events.at(-1)?.seq ?? position.seq };
      }
      if (position.seq >= lastSeq || part.events.length === 0) return;
    }
  }

  /** One at a time, in order. */
  function read(): Promise<void> {
    reading ??= readOn().finally(() => (reading = undefined));
    return reading;
  }

  async function follow(): Promise<void> {
    while (!closed.signal.aborted) {
      // The store says by itself that it is away.
      await read().catch(() => {});
      await clock.sleep(ASK_MS, AbortSignal.any([closed.signal, nap.signal])).catch(() => {});
      nap = new AbortController();
      await clock.sleep(GATHER_MS, closed.signal).catch(() => {});
    }
  }

  const wake = () => nap.abort();
  const stopListening = eventLog.listen(wake);
  const following = follow();
  return {
    wake,
    // What was under way may have looked before the last thing happened.
    read: async () => {
      await reading?.catch(() => {});
      await read();
    },
    async close() {
      closed.abort();
      await stopListening();
      await following;
    },
  };
}
