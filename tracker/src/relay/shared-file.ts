import { type ByteRange, PanalError } from "@panal/sdk";
import { type Asker, type Filling, type StartFilling, createFilling } from "./filling.ts";
import { SLICE_BYTES, type SlicesOfPeer } from "./hot-slices.ts";
import { partMemory } from "./part-memory.ts";

/** Ahead of its own end a new pull looks so far for what is here already: as far as a run of pieces goes, usually. */
const LOOK_AHEAD_SLICES = 256;

/** One reader's way through a range. */
export interface Reading {
  /** The next bytes, as soon as any are there, to be dropped (`partMemory`) once they are written; undefined at the end. Rejects when the peer doesn't give them. One call at a time. */
  next(): Promise<Buffer | undefined>;
  /** Nobody reads on. */
  close(): void;
}

export interface SharedFileOptions {
  fileId: string;
  lengthBytes: number;
  slices: SlicesOfPeer;
  start: StartFilling;
  /** The last of those who read it has gone. */
  onIdle: () => void;
  now: () => number;
}

/**
 * A file of an attached peer, as several read it: what one of them asks for, and what is on its way for one, is for all. Each reads at its own pace:
 * the quickest one is who is waited for, and who falls behind what is kept asks the peer again.
 */
export interface SharedFile {
  read(range: ByteRange, asker: Asker): Reading;
}

export function createSharedFile(options: SharedFileOptions): SharedFile {
  const { fileId, lengthBytes, slices, start, onIdle, now } = options;
  const fillings = new Set<Filling>();
  let readers = 0;

  /** Where a pull from `position` on meets what is here, or on its way. */
  function endOfGap(position: number, end: number): number {
    let gapEnd = end;
    for (const filling of fillings) {
      if (filling.heldFrom > position) gapEnd = Math.min(gapEnd, filling.heldFrom);
    }
    const first = Math.floor(position / SLICE_BYTES) + 1;
    for (let index = first; index < first + LOOK_AHEAD_SLICES && index * SLICE_BYTES < gapEnd; index++) {
      if (slices.has(fileId, index)) return index * SLICE_BYTES;
    }
    return gapEnd;
  }

  function fillFrom(position: number, end: number, asker: Asker): Filling {
    const gapEnd = endOfGap(position, end);
    for (const other of fillings) other.endAt(position);
    const filling = createFilling({
      fileId,
      lengthBytes,
      range: { start: position, end: gapEnd },
      start: (range, signal) => start({ fileId, range, asker, signal }),
      keep: (index, chunks) => slices.keep(fileId, index, chunks),
      isKept: (index) => slices.has(fileId, index),
      onOver: () => fillings.delete(filling),
      now,
    });
    fillings.add(filling);
    return filling;
  }

  return {
    read({ start: from, end }, asker) {
      let position = from;
      let filling: Filling | undefined;
      let isClosed = false;
      /** Of the slices, the one it has come to. */
      let askedIndex = -1;
      readers++;

      function join(next: Filling): Filling {
        if (next !== filling) {
          next.enter();
          filling?.leave();
          filling = next;
        }
        return next;
      }

      function found(): Buffer | undefined {
        const index = Math.floor(position / SLICE_BYTES);
        if (index !== askedIndex) slices.asked(fileId, (askedIndex = index));
        const kept = slices.get(fileId, index);
        if (kept !== undefined) return held(chunkAt(kept, position - index * SLICE_BYTES));
        // Of one that broke off, whoever waited there may still have what came.
        for (const each of filling === undefined ? fillings : [filling, ...fillings]) {
          if (each.heldFrom <= position && position < each.head) {
            return held(chunkAt(join(each).held, position - each.heldFrom));
          }
        }
        return undefined;
      }

      function close(): void {
        if (isClosed) return;
        isClosed = true;
        filling?.leave();
        if (--readers === 0) onIdle();
      }

      return {
        close,
        async next() {
          for (;;) {
            if (isClosed) throw new PanalError("aborted", "the reader has gone");
            if (position >= end) {
              close();
              return undefined;
            }
            const chunk = found();
            if (chunk !== undefined) {
              const bytes = position + chunk.length > end ? chunk.subarray(0, end - position) : chunk;
              position += bytes.length;
              return bytes;
            }
            const coming = Array.from(fillings).find((each) => each.isComing(position));
            // Whoever has read what came before a break is told of it.
            const broken = filling?.brokeOffAt(position) ? filling : undefined;
            await join(coming ?? broken ?? fillFrom(position, end, asker)).more();
          }
        },
      };
    },
  };
}

function held(chunk: Buffer): Buffer {
  partMemory.hold(chunk);
  return chunk;
}

/** What is left of the chunk in which `offset` lies. */
function chunkAt(chunks: readonly Buffer[], offset: number): Buffer {
  let before = 0;
  for (const chunk of chunks) {
    if (offset < before + chunk.length) return offset === before ? chunk : chunk.subarray(offset - before);
    before += chunk.length;
  }
  throw new PanalError("internal", `no byte ${offset} in ${before}`);
}
