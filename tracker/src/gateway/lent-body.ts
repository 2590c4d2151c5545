import type { Writable } from "node:stream";
import type { BodyReader } from "@panal/sdk";
import type { NodeByteResponse } from "@panal/sdk/node";
import { waitMs } from "../wait.ts";
import type { ChunkMemory } from "./chunk-memory.ts";
import type { PumpOptions } from "./pump.ts";

/** One that is being received while the other is being written. */
const MAX_BLOCKS = 2;

/** A body whose bytes are lent to whoever takes them: once they are written, their memory is used again. */
export interface LentBody {
  /**
   * Writes all of it, as fast as `to` takes it and `spend` lets it; `to` is one that hands nothing on that it says is written. Rejects
   * when one of them breaks off. The end of `to` is left to the caller.
   */
  carryTo(to: Writable, options: PumpOptions): Promise<void>;
  /** Nobody wants (more of) it. */
  destroy(): void;
}

export interface LentBodyOptions {
  memory: ChunkMemory;
  /** Nothing moves for so long: it is given up. */
  idleMs: number;
}

export function createLentBody(
  answer: Pick<NodeByteResponse, "read" | "cancel">,
  { memory, idleMs }: LentBodyOptions,
): LentBody {
  const destroy = () => void answer.cancel();

  async function carryTo(to: Writable, { spend, wait = waitMs }: PumpOptions): Promise<void> {
    /** What is being received into, or is next. */
    let block: Buffer | undefined;
    let writing = 0;
    let isOver = false;
    let stopWaiting: (() => void) | undefined;
    let room: PromiseWithResolvers<void> | undefined;
    const idle = setTimeout(destroy, idleMs).unref();

    const hasRoom = () => stopWaiting === undefined && writing < MAX_BLOCKS;
    const goOn = () => {
      if (!hasRoom()) return;
      room?.resolve();
      room = undefined;
    };

    function write(bytes: number): void {
      const written = block!;
      block = undefined;
      writing++;
      idle.refresh();
      to.write(written.subarray(0, bytes), (error) => {
        // What was cut off the system may still read from.
        if (error) memory.forget(written);
        else memory.giveBack(written);
        writing--;
        if (!isOver) idle.refresh();
        goOn();
      });
      const ms = spend(bytes);
      if (ms > 0) {
        stopWaiting = wait(ms, () => {
          stopWaiting = undefined;
          goOn();
        });
      }
    }

    const reader: BodyReader = {
      direct() {
        if (!hasRoom()) return undefined;
        return (block ??= memory.take());
      },
      filled: write,
      take(chunk) {
        if (!hasRoom()) return 0;
        block ??= memory.take();
        const taken = Math.min(chunk.length, block.length);
        block.set(chunk.subarray(0, taken));
        write(taken);
        return taken;
      },
      whenRoom() {
        room ??= Promise.withResolvers();
        const { promise } = room;
        goOn();
        return promise;
      },
      isDone: false,
      end() {},
    };

    to.once("close", destroy);
    if (to.destroyed) destroy();
    try {
      await answer.read(reader);
    } finally {
      isOver = true;
      clearTimeout(idle);
      stopWaiting?.();
      to.off("close", destroy);
      if (block !== undefined) memory.giveBack(block);
    }
  }

  return { carryTo, destroy };
}
