import { type ByteRange, PanalError, contentRange } from "@panal/sdk";
import type { StreamedAnswer } from "../gateway/peer-way.ts";
import { SLICE_BYTES } from "./hot-slices.ts";
import { partMemory } from "./part-memory.ts";

/** A reader further on waits for what comes by itself rather than asking for it, when that is this near, in bytes, or in time. */
const NEAR_BYTES = 4 * SLICE_BYTES;
const NEAR_MS = 1_000;

/** A request of the relay's own to a peer, for part of a file. */
export interface StartedPull {
  readonly answer: Promise<StreamedAnswer>;
  /** Nothing from there on is to be granted. */
  endAt(bytes: number): void;
}

/** Who reads. */
export interface Asker {
  readonly agent: string | undefined;
  /** Whom it counts for. */
  readonly client: string;
}

/** What it is to bring. */
export interface FillingWish {
  readonly fileId: string;
  readonly range: ByteRange;
  /** The reader who asks first. */
  readonly asker: Asker;
  readonly signal: AbortSignal;
}

export type StartFilling = (wish: FillingWish) => StartedPull;

/** A peer's answer isn't the bytes that were asked for: it may have a reason, which whoever asks it straight is told. */
export class NotGivenError extends PanalError {
  constructor(detail: string) {
    super("unreachable", detail);
  }
}

export interface FillingOptions {
  fileId: string;
  lengthBytes: number;
  range: ByteRange;
  start: (range: ByteRange, signal: AbortSignal) => StartedPull;
  keep: (index: number, chunks: readonly Buffer[]) => void;
  isKept: (index: number) => boolean;
  /** Nothing is to be had of it any more. */
  onOver: () => void;
  now: () => number;
}

/** One pull, from which all who read there get their bytes. It goes on while somebody waits for more, and ends when nobody is left. */
export interface Filling {
  /** What has come of the slice that came last, from `heldFrom` to `head`. */
  readonly held: readonly Buffer[];
  readonly heldFrom: number;
  readonly head: number;
  /** Whether the byte at this place is soon to come. */
  isComing(position: number): boolean;
  /** Whether it ended there, before all had come. */
  brokeOffAt(position: number): boolean;
  /** Resolves when more has come, or it is over; rejects when it broke off. */
  more(): Promise<void>;
  enter(): void;
  leave(): void;
  /** Somebody else brings what is from there on. */
  endAt(position: number): void;
}

export function createFilling(options: FillingOptions): Filling {
  const { fileId, lengthBytes, range, start, keep, isKept, onOver, now } = options;
  const stopping = new AbortController();
  const startedAt = now();
  const pull = start(range, stopping.signal);
  let { end } = range;
  let head = range.start;
  let heldFrom = range.start;
  let held: Buffer[] = [];
  let isSliceWhole = false;
  /** What came with the end of a slice, and is behind it. */
  let rest: Buffer | undefined;
  /** Why there is no more than that. */
  let brokenOff: PanalError | undefined;
  let readers = 0;
  let body: StreamedAnswer["body"] | undefined;
  /** What it ended with; "whole" when all that was wanted has come. */
  let over: "whole" | PanalError | undefined;
  let waiting: { resolve: () => void; reject: (error: PanalError) => void }[] = [];

  function wake(): void {
    const woken = waiting;
    waiting = [];
    for (const { resolve, reject } of woken) {
      if (over === undefined || over === "whole") resolve();
      else reject(over);
    }
  }

  function finish(how: "whole" | PanalError): void {
    if (over !== undefined) return;
    over = how;
    // The end of a range may be no whole slice: it is here for those who were promised it.
    if (how !== "whole" || readers === 0) onOver();
    if (head < range.end || how !== "whole") {
      stopping.abort(new PanalError("aborted", "nobody waits for more"));
      body?.destroy();
    }
    wake();
  }

  function letGo(): void {
    held.forEach(partMemory.drop);
    held = [];
  }

  /** Up to the end of a slice: what is after it waits until somebody has read that, since it isn't kept for long. */
  function take(chunk: Buffer): void {
    if (isSliceWhole) {
      letGo();
      [heldFrom, isSliceWhole] = [head, false];
    }
    const sliceEnd = Math.min((Math.floor(head / SLICE_BYTES) + 1) * SLICE_BYTES, lengthBytes);
    const part = chunk.subarray(0, Math.min(sliceEnd, end) - head);
    partMemory.hold(part);
    held.push(part);
    head += part.length;
    rest = part.length < chunk.length ? chunk.subarray(part.length) : undefined;
    if (rest === undefined) partMemory.drop(chunk);
    isSliceWhole = head === sliceEnd;
    const index = Math.floor((head - 1) / SLICE_BYTES);
    // One whose beginning was somebody else's isn't whole.
    if (isSliceWhole && heldFrom === index * SLICE_BYTES) keep(index, held);
    if (isSliceWhole && isKept(index + 1)) end = head;
    if (head >= end) return finish("whole");
    wake();
    if (rest === undefined && brokenOff !== undefined) return finish(brokenOff);
    if (waiting.length === 0 || rest !== undefined) body!.pause();
  }

  async function run(): Promise<void> {
    const answer = await pull.answer;
    body = answer.body;
    // Whoever waits is told what it ended with; there may be nobody.
    body.on("error", () => {});
    const { headers, status } = answer;
    const isExact =
      status === 206 &&
      headers["content-range"] === contentRange(range, lengthBytes) &&
      headers["content-length"] === String(range.end - range.start) &&
      (headers["content-encoding"] ?? "identity") === "identity";
    if (!isExact) throw new NotGivenError(`${fileId}: the peer answered ${status} for a part of it`);
    if (over !== undefined) return void body.destroy();
    body.on("data", (chunk: Buffer) => {
      if (over === undefined) take(chunk);
    });
    const breakOff = () => lastCame(new PanalError("unreachable", `${fileId}: the peer's answer broke off`));
    body.once("end", breakOff);
    body.once("error", (error) => lastCame(PanalError.from(error, "unreachable")));
    body.once("close", breakOff);
  }

  /** Nothing more comes; also a paused stream says so when its last chunk has been handed over. */
  function lastCame(why: PanalError): void {
    if (rest === undefined) finish(why);
    else brokenOff ??= why;
  }

  run().catch((error: unknown) => finish(PanalError.from(error, "unreachable")));
  return {
    get held() {
      return held;
    },
    get heldFrom() {
      return heldFrom;
    },
    get head() {
      return head;
    },
    isComing(position) {
      if (over !== undefined || position < head || position >= end) return false;
      const aheadBytes = position - head;
      if (aheadBytes <= NEAR_BYTES) return true;
      const bytesPerMs = (head - range.start) / Math.max(1, now() - startedAt);
      return aheadBytes <= bytesPerMs * NEAR_MS;
    },
    brokeOffAt: (position) => over !== undefined && over !== "whole" && position === head,
    more() {
      if (over === "whole") return Promise.resolve();
      if (over !== undefined) return Promise.reject(over);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting.push({ resolve, reject });
      if (rest === undefined) body?.resume();
      else take(rest);
      return promise;
    },
    enter() {
      readers++;
    },
    leave() {
      readers--;
      if (readers > 0) return;
      if (over === undefined) finish(new PanalError("aborted", "nobody waits for more"));
      else onOver();
      letGo();
    },
    endAt(position) {
      if (over !== undefined || position <= head || position >= end) return;
      end = position;
      pull.endAt(position - range.start);
    },
  };
}
