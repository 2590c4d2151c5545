import { Readable, type Writable } from "node:stream";
import { PanalError } from "@panal/sdk";
import { type Wait, waitMs } from "../wait.ts";
import type { LentBody } from "./lent-body.ts";

export interface PumpOptions {
  /** Told of each chunk that goes; gives the milliseconds after which the next one may. */
  readonly spend: (bytes: number) => number;
  /** Told of each chunk of a stream that `to` is done with. */
  readonly onWritten?: ((chunk: Buffer) => void) | undefined;
  /** Default `setTimeout`. */
  readonly wait?: Wait;
}

/**
 * Carries a body as fast as the other side takes it and `spend` lets it: a chunk or two are in between. Rejects when one of them breaks off, and then
 * neither is of use any more. The end of `to` is left to the caller.
 */
export function pump(from: Readable | LentBody, to: Writable, options: PumpOptions): Promise<void> {
  return from instanceof Readable ? pumpStream(from, to, options) : from.carryTo(to, options);
}

function pumpStream(
  from: Readable,
  to: Writable,
  { spend, onWritten, wait = waitMs }: PumpOptions,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let stopWaiting: (() => void) | undefined;
  let isFull = false;

  const goOn = () => {
    if (!isFull && stopWaiting === undefined) from.resume();
  };
  const onData = (chunk: Buffer) => {
    // What was cut off the system may still read from.
    isFull = !to.write(chunk, (error) => {
      if (!error) onWritten?.(chunk);
    });
    const ms = spend(chunk.length);
    if (ms > 0) {
      stopWaiting = wait(ms, () => {
        stopWaiting = undefined;
        goOn();
      });
    }
    if (isFull || ms > 0) from.pause();
  };
  const onDrain = () => {
    isFull = false;
    goOn();
  };
  const over = (error?: unknown) => {
    stopWaiting?.();
    from.off("data", onData).off("end", onEnd).off("error", over).off("close", onCut);
    to.off("drain", onDrain).off("error", over).off("close", onCut);
    if (error === undefined) resolve();
    else reject(PanalError.from(error, "unreachable"));
  };
  const onEnd = () => over();
  const onCut = () => over(new PanalError("unreachable", "the connection broke off"));
  // What breaks when this is over is nobody's business, and must not end the process.
  from.on("error", () => {});
  from.on("data", onData).once("end", onEnd).once("error", over).once("close", onCut);
  to.on("drain", onDrain).once("error", over).once("close", onCut);
  if (from.destroyed || to.destroyed) onCut();
  return promise;
}
