import { MAX_MESSAGE_HEADER_BYTES } from "./stream-frames.ts";

/** File data in the block every reader may have: what a slow one holds. */
export const BLOCK_DATA_BYTES = 128 * 1024;
/** In the largest block: one read and one write of 1 MiB cost half of what eight of 128 KiB do. */
export const MAX_BLOCK_DATA_BYTES = 1024 * 1024;
/** Nobody reads ahead while all readers together hold this much. Each may have its one small block in any case. */
const MAX_READ_AHEAD_BYTES = 32 * 1024 * 1024;

/** Memory for file data, with room for a message's header in front of it. */
export type Block = Buffer;

/**
 * Memory for all that is read and sent, in blocks that are used again. What may still be in use by the system (a write that
 * was cut off) is only counted out, and collected as garbage.
 */
export interface BlockPool {
  /** A reader's one block, of BLOCK_DATA_BYTES. */
  takeOne(): Block;
  /** For reading ahead: of `wantedBytes` of file data or less, as there is room; undefined when there is none. */
  takeAhead(wantedBytes: number): Block | undefined;
  giveBack(block: Block): void;
  forget(block: Block): void;
  /** Blocks that are out. */
  readonly taken: number;
  /** File data that fits into them. */
  readonly takenBytes: number;
}

/** How much file data a block holds. */
export function dataBytesOf(block: Block): number {
  return block.length - MAX_MESSAGE_HEADER_BYTES;
}

/** `maxBytes`: so much may be out before nobody may read ahead. */
export function createBlockPool(maxBytes: number = MAX_READ_AHEAD_BYTES): BlockPool {
  const kept = new Map<number, Block[]>();
  let keptBytes = 0;
  let taken = 0;
  let takenBytes = 0;

  function take(dataBytes: number): Block {
    taken++;
    takenBytes += dataBytes;
    const block = kept.get(dataBytes)?.pop();
    if (block === undefined) return Buffer.allocUnsafeSlow(MAX_MESSAGE_HEADER_BYTES + dataBytes);
    keptBytes -= dataBytes;
    return block;
  }

  function countOut(block: Block): number {
    const dataBytes = dataBytesOf(block);
    taken--;
    takenBytes -= dataBytes;
    return dataBytes;
  }

  return {
    takeOne: () => take(BLOCK_DATA_BYTES),
    takeAhead(wantedBytes) {
      // Half of what is left for each who comes: the last ones get something, too.
      const room = Math.min(wantedBytes, (maxBytes - takenBytes) / 2, MAX_BLOCK_DATA_BYTES);
      if (takenBytes + BLOCK_DATA_BYTES > maxBytes) return undefined;
      let dataBytes = BLOCK_DATA_BYTES;
      while (2 * dataBytes <= room) dataBytes *= 2;
      return take(dataBytes);
    },
    giveBack(block) {
      const dataBytes = countOut(block);
      if (keptBytes + dataBytes > maxBytes) return;
      keptBytes += dataBytes;
      const same = kept.get(dataBytes);
      if (same === undefined) kept.set(dataBytes, [block]);
      else same.push(block);
    },
    forget(block) {
      countOut(block);
    },
    get taken() {
      return taken;
    },
    get takenBytes() {
      return takenBytes;
    },
  };
}
