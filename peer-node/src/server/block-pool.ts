import { MAX_MESSAGE_HEADER_BYTES } from "@panal/sdk/node";

/** File data in the block every reader may have: what a slow one holds. */
export const BLOCK_DATA_BYTES = 128 * 1024;
/** In the block of a quick reader: one read and one write of 1 MiB cost half of what eight of 128 KiB do. */
export const MAX_BLOCK_DATA_BYTES = 1024 * 1024;
/** Nobody reads ahead while all readers together hold this much. Each may have its one small block in any case. */
const MAX_READ_AHEAD_BYTES = 32 * 1024 * 1024;
/** The part of it that large blocks may take: readers who have only become quick find room for small ones. */
const LARGE_PART = 0.75;

/** Memory for file data, with room for a message's header in front of it. */
export type Block = Buffer;

/**
 * Memory for all that is read and sent: blocks of two sizes that are used again and again, since memory that comes and goes in
 * many sizes is never given back to the system. What may still be in use there (a write that was cut off) is only counted
 * out: it comes back later, or is collected as garbage.
 */
export interface BlockPool {
  /** A reader's one block, of BLOCK_DATA_BYTES. */
  takeOne(): Block;
  /**
   * For reading ahead: a large one when `wantedBytes` of file data are as much and there is room, else a small one; undefined when there is
   * no room at all.
   */
  takeAhead(wantedBytes: number): Block | undefined;
  giveBack(block: Block): void;
  forget(block: Block): void;
  /** What was forgotten isn't in use any more. */
  comeBack(block: Block): void;
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
  const maxLargeBytes = maxBytes * LARGE_PART;
  const small: Block[] = [];
  const large: Block[] = [];
  let taken = 0;
  let takenBytes = 0;
  let takenLargeBytes = 0;

  const isLarge = (block: Block) => dataBytesOf(block) === MAX_BLOCK_DATA_BYTES;

  function count(block: Block, sign: 1 | -1): void {
    taken += sign;
    takenBytes += sign * dataBytesOf(block);
    if (isLarge(block)) takenLargeBytes += sign * MAX_BLOCK_DATA_BYTES;
  }

  function take(kept: Block[], dataBytes: number): Block {
    const block = kept.pop() ?? Buffer.allocUnsafeSlow(MAX_MESSAGE_HEADER_BYTES + dataBytes);
    count(block, 1);
    return block;
  }

  function keep(block: Block): void {
    const [kept, limitBytes] = isLarge(block) ? [large, maxLargeBytes] : [small, maxBytes];
    if ((kept.length + 1) * dataBytesOf(block) <= limitBytes) kept.push(block);
  }

  return {
    takeOne: () => take(small, BLOCK_DATA_BYTES),
    takeAhead(wantedBytes) {
      if (takenBytes + BLOCK_DATA_BYTES > maxBytes) return undefined;
      const mayBeLarge =
        wantedBytes >= MAX_BLOCK_DATA_BYTES &&
        takenLargeBytes + MAX_BLOCK_DATA_BYTES <= maxLargeBytes &&
        takenBytes + MAX_BLOCK_DATA_BYTES <= maxBytes;
      return mayBeLarge ? take(large, MAX_BLOCK_DATA_BYTES) : take(small, BLOCK_DATA_BYTES);
    },
    giveBack(block) {
      count(block, -1);
      keep(block);
    },
    forget(block) {
      count(block, -1);
    },
    comeBack: keep,
    get taken() {
      return taken;
    },
    get takenBytes() {
      return takenBytes;
    },
  };
}
