import { MAX_FILES_PER_EVENT } from "@panal/sdk";
import type { TrackerEvent } from "./events.ts";
import { createToken } from "./lease.ts";

/** Events that are kept for those who come back: some minutes of a busy tracker. */
const MAX_KEPT_EVENTS = 1_024;
/** One event written out; with more, files aren't named. So the ring has an end in bytes, too. */
const MAX_FRAME_BYTES = 16 * 1024;

const encoder = new TextEncoder();

export interface KeptEvent {
  readonly seq: number;
  readonly event: TrackerEvent;
  /** As it goes over the wire. */
  readonly frame: Uint8Array;
}

export interface EventRing {
  /** `seq`: its number, where somebody else gives them; else the next. */
  add(event: TrackerEvent, seq?: number): void;
  /** From now on the numbers are those of a log that others read, too, and the last event was this one. */
  adopt(log: string, seq: number): void;
  /** The number of the last event; 0 before the first. */
  readonly lastSeq: number;
  /** What came after an event; undefined when some of it isn't kept any more, or the event is yet to come. */
  after(seq: number): readonly KeptEvent[] | undefined;
  /** Whether a client names an event that is yet to come here. */
  isAhead(id: string): boolean;
  /** What came after the event a client names; undefined also when it is of an earlier run. */
  afterId(id: string): readonly KeptEvent[] | undefined;
  /** A comment with the id of the last event, so that whoever got none has something to come back with. */
  position(comment: string): Uint8Array;
  /** Tells a client to look at everything anew. */
  resync(): Uint8Array;
}

/** The last events, numbered. Numbers of another run, or log, are another tracker's: each has a name of its own. */
export function createEventRing(): EventRing {
  let log = createToken();
  const kept: KeptEvent[] = [];
  let lastSeq = 0;

  /** The number in an id of this log. */
  function seqOf(id: string): number | undefined {
    const [, ofLog, seq] = /^([\w-]{1,64})\.(\d{1,15})$/.exec(id) ?? [];
    return ofLog === log ? Number(seq) : undefined;
  }

  const ring: EventRing = {
    add(event, seq = lastSeq + 1) {
      // Some were lost: what is kept no longer leads up to this one.
      if (seq !== lastSeq + 1) kept.length = 0;
      lastSeq = seq;
      const idLine = `id: ${log}.${lastSeq}\n`;
      const whole = isNameable(event) ? encoder.encode(idLine + linesOf(event)) : undefined;
      if (whole !== undefined && whole.length <= MAX_FRAME_BYTES) {
        kept.push({ seq: lastSeq, event, frame: whole });
      } else {
        const { added: _, removed: __, ...unnamed } = event;
        kept.push({ seq: lastSeq, event: unnamed, frame: encoder.encode(idLine + linesOf(unnamed)) });
      }
      if (kept.length > MAX_KEPT_EVENTS) kept.shift();
    },
    adopt(name, seq) {
      log = name;
      lastSeq = seq;
      kept.length = 0;
    },
    get lastSeq() {
      return lastSeq;
    },
    after(seq) {
      const firstSeq = lastSeq - kept.length + 1;
      if (seq > lastSeq || seq < firstSeq - 1) return undefined;
      return kept.slice(seq - firstSeq + 1);
    },
    isAhead(id) {
      return (seqOf(id) ?? 0) > lastSeq;
    },
    afterId(id) {
      const seq = seqOf(id);
      return seq === undefined ? undefined : ring.after(seq);
    },
    // A message without data is no event, but its id counts.
    position: (comment) => encoder.encode(`: ${comment}\nid: ${log}.${lastSeq}\n\n`),
    resync: () => encoder.encode(`id: ${log}.${lastSeq}\nevent: resync\ndata: {}\n\n`),
  };
  return ring;
}

function isNameable({ added = [], removed = [] }: TrackerEvent): boolean {
  return added.length + removed.length <= MAX_FILES_PER_EVENT;
}

/** JSON has no line breaks of its own, so that it is one line. */
function linesOf(event: TrackerEvent): string {
  const { type, isLocalOnly: _, ...data } = event;
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
