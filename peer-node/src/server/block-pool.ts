import { MAX_MESSAGE_HEADER_BYTES } from "./stream-frames.ts";

/** File data in one block: what a blocked reader holds. */
export const BLOCK_DATA_BYTES = 128 * 1024;
/** Nobody reads ahead while all readers together hold this much. Each may have its one block in any case. */
const MAX_READ_AHEAD_BYTES = 32 * 1024 * 1024;

/** Memory for file data, with room for a message's header in front of it. */
export type Block = Buffer;

/**
 * Memory for all that is read and sent, in blocks that are used again. What may still be in use by the system (a write that
 * was cut off) is only counted out, and collected as garbage.
 */
export interface BlockPool {
  /** A reader's one block. */
  takeOne(): Block;
  /** For reading ahead: as many as are wanted and there is room for, which may be none. */
  takeAhead(wanted: number): Block[];
  giveBack(block: Block): void;
  forget(block: Block): void;
  /** Blocks that are out. */
  readonly taken: number;
}

/** `maxBlocks`: so many may be out before nobody may read ahead. */
export function createBlockPool(maxBlocks: number = MAX_READ_AHEAD_BYTES / BLOCK_DATA_BYTES): BlockPool {
  const kept: Block[] = [];
  let taken = 0;
  const take = () => {
    taken++;
    return kept.pop() ?? Buffer.allocUnsafeSlow(MAX_MESSAGE_HEADER_BYTES + BLOCK_DATA_BYTES);
  };
  return {
    takeOne: take,
    takeAhead(wanted) {
      // Half of what is left for each who comes: the last ones get something, too.
      const count = Math.min(wanted, Math.ceil((maxBlocks - taken) / 2));
      return Array.from({ length: Math.max(0, count) }, take);
    },
    giveBack(block) {
      taken--;
      if (kept.length < maxBlocks) kept.push(block);
    },
    forget() {
      taken--;
    },
    get taken() {
      return taken;
    },
  };
}
