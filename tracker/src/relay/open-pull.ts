import { Readable } from "node:stream";
import { PanalError } from "@panal/sdk";
import type { StreamedAnswer } from "../gateway/peer-way.ts";
import type { Wait } from "../wait.ts";
import { partMemory } from "./part-memory.ts";
import { type PullHead, bodyLengthOf } from "./pull-head.ts";
import { PushRefusal } from "./push-refusal.ts";
import type { PushWindow } from "./push-window.ts";

/** For the head of an answer; as long as clients wait for a first byte. */
const HEAD_TIMEOUT_MS = 10_000;
/** Nothing comes that the reader waits for. */
const SILENCE_MS = 30_000;

/** What is said of a part before its bytes. */
export interface PartHead {
  readonly offset: number;
  readonly length: number;
  readonly head: PullHead | undefined;
  readonly isEnd: boolean;
}

/** A client's request to an attached peer, and the answer as it comes together. */
export interface OpenPull {
  readonly grantedBytes: number;
  /**
   * Whether the part is to be read, and then it has to be given to `take` or `drop`. Gives false for one that is here already; throws a
   * PushRefusal, and what breaks the answer ends the pull.
   */
  admits(part: PartHead): boolean;
  /** The part broke off. */
  drop(part: PartHead): void;
  /** The part has come as a whole. */
  take(part: PartHead, chunks: readonly Buffer[]): void;
  /** Nothing of the body from there on is wanted any more. */
  endAt(bytes: number): void;
  /** There is no (whole) answer, or nobody wants it any more. */
  fail(error: PanalError): void;
  /** Settles with the head; its body is what has come, in order. */
  readonly answer: Promise<StreamedAnswer>;
}

export interface OpenPullOptions {
  method: string;
  window: PushWindow;
  wait: Wait;
  /** More may be pushed. */
  onGrant: (grantedBytes: number) => void;
  /** Once, however it ended; `isWhole`: all has been taken. */
  onOver: (isWhole: boolean) => void;
}

export function createOpenPull({ method, window, wait, onGrant, onOver }: OpenPullOptions): OpenPull {
  const { promise: answer, resolve, reject } = Promise.withResolvers<StreamedAnswer>();
  // Whoever asked may have gone.
  answer.catch(() => {});
  /** In order, not taken by the reader yet. */
  const ready: Buffer[] = [];
  /** Parts that came before those in front of them. */
  const early = new Map<number, { chunks: readonly Buffer[]; end: number }>();
  /** Where those begin that are being read: one for each place, so that what is held is no more than what was granted. */
  const coming = new Set<number>();
  let arrived = 0;
  /** Length of the whole body, once it is known. */
  let length: number | undefined;
  let hasHead = false;
  let isOver = false;
  let isWaiting = false;
  let stopWaiting = wait(HEAD_TIMEOUT_MS, () => fail(new PanalError("timeout", "no answer in time")));

  const body = new Readable({
    read() {
      isWaiting = true;
      give();
    },
    destroy(error, done) {
      end(false);
      done(error);
    },
  });
  // Whoever reads it has a listener of its own; before that there may be none.
  body.on("error", () => {});

  function end(isWhole: boolean): void {
    if (isOver) return;
    isOver = true;
    stopWaiting();
    // What nobody was given: a reader that leaves may leave a window of it.
    ready.forEach(partMemory.drop);
    for (const { chunks } of early.values()) chunks.forEach(partMemory.drop);
    ready.length = 0;
    early.clear();
    window.close();
    onOver(isWhole);
  }

  function fail(error: PanalError): void {
    if (isOver) return;
    end(false);
    reject(error);
    body.destroy(error);
  }

  function give(): void {
    let taken = 0;
    while (isWaiting && ready.length > 0) {
      const chunk = ready.shift()!;
      taken += chunk.length;
      isWaiting = body.push(chunk);
    }
    if (isOver) return;
    if (ready.length === 0 && length !== undefined && arrived === length) {
      body.push(null);
      end(true);
      return;
    }
    if (taken > 0 && window.took(taken)) onGrant(window.grantedBytes);
    if (hasHead) watch();
  }

  /** A peer that sends nothing while its reader waits has gone; a reader may take its time. */
  function watch(): void {
    stopWaiting();
    if (isWaiting)
      stopWaiting = wait(SILENCE_MS, () => fail(new PanalError("timeout", "nothing came for too long")));
  }

  function refuse(detail: string): never {
    fail(new PanalError("protocol", detail));
    throw new PushRefusal(400, `${detail}; the pull is over`);
  }

  return {
    get grantedBytes() {
      return window.grantedBytes;
    },
    answer,
    admits({ offset, length: partLength, head, isEnd }) {
      const partEnd = offset + partLength;
      if (isOver) throw new PushRefusal(409, "no such pull (any more)");
      if (head !== undefined && offset !== 0) refuse("panal-head comes with the part at offset 0");
      if (head === undefined && offset === 0 && !hasHead)
        refuse("the part at offset 0 comes with panal-head");
      if (partEnd > window.grantedBytes) {
        throw new PushRefusal(416, `${partEnd} bytes: ${window.grantedBytes} were granted`);
      }
      const whole = length ?? (head === undefined ? undefined : bodyLengthOf(head, method));
      if (whole !== undefined && (partEnd > whole || (isEnd && partEnd !== whole))) {
        refuse(`the body ends at ${partEnd}, and was to have ${whole} bytes`);
      }
      if (early.has(offset)) return false;
      const isNews = (head !== undefined && !hasHead) || (isEnd && length === undefined);
      if (partEnd <= arrived && !isNews) return false;
      if (offset < arrived) refuse(`a part begins at ${offset}, within what came before`);
      if (coming.has(offset)) throw new PushRefusal(429, "this part is being sent already");
      coming.add(offset);
      return true;
    },
    drop({ offset }) {
      coming.delete(offset);
    },
    take({ offset, length: partLength, head, isEnd }, chunks) {
      coming.delete(offset);
      if (isOver) throw new PushRefusal(409, "no such pull (any more)");
      if (partLength > 0) early.set(offset, { chunks, end: offset + partLength });
      if (isEnd) length ??= offset + partLength;
      if (head !== undefined && !hasHead) {
        hasHead = true;
        length ??= bodyLengthOf(head, method);
        resolve({ ...head, body });
      }
      for (let next = early.get(arrived); next !== undefined; next = early.get(arrived)) {
        early.delete(arrived);
        arrived = next.end;
        for (const chunk of next.chunks) ready.push(chunk);
      }
      if (length !== undefined && arrived > length) refuse(`${arrived} bytes came, ${length} were the end`);
      // The reader needs the head to begin.
      if (hasHead) give();
    },
    endAt: window.endAt,
    fail,
  };
}
