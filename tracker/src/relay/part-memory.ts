/** Of a part of an answer, what is in one piece of memory: as much as comes at one go. */
const BLOCK_BYTES = 64 * 1024;
/** Blocks that are kept for what comes next: 16 MiB. */
const MAX_FREE_BLOCKS = 256;

/**
 * Memory for what attached peers push, used again as soon as the last one has written what is in it: left to garbage collection, there was
 * three times as much of it as anybody was waiting for. Who forgets to drop something leaves it to that; all that is in memory from
 * elsewhere is left alone.
 */
export interface PartMemory {
  /** For so many bytes, in one piece or several. The taker holds them. */
  take(bytes: number): Buffer[];
  /** One more is to drop it; also of a part of it. */
  hold(bytes: Buffer): void;
  /** One less reads it. */
  drop(bytes: Buffer): void;
}

export function createPartMemory(): PartMemory {
  const holders = new WeakMap<ArrayBufferLike, number>();
  const free: Buffer[] = [];

  function takeBlock(): Buffer {
    const block = free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
    holders.set(block.buffer, 1);
    return block;
  }

  return {
    take(bytes) {
      const blocks: Buffer[] = [];
      for (let left = bytes; left > 0; left -= BLOCK_BYTES) {
        // A block for a few bytes would be a waste of it.
        if (left > BLOCK_BYTES / 2) blocks.push(takeBlock().subarray(0, left));
        else blocks.push(Buffer.allocUnsafeSlow(left));
      }
      return blocks;
    },
    hold({ buffer }) {
      const before = holders.get(buffer);
      if (before !== undefined) holders.set(buffer, before + 1);
    },
    drop({ buffer }) {
      const before = holders.get(buffer);
      if (before === undefined) return;
      if (before > 1) return void holders.set(buffer, before - 1);
      holders.delete(buffer);
      if (free.length < MAX_FREE_BLOCKS) free.push(Buffer.from(buffer));
    },
  };
}

/** Writes chunk after chunk into blocks; what is beyond them is left out. */
export function writerInto(blocks: readonly Buffer[]): (chunk: Buffer) => void {
  let [index, at] = [0, 0];
  return (chunk) => {
    for (let from = 0; from < chunk.length && index < blocks.length;) {
      const copied = chunk.copy(blocks[index]!, at, from);
      from += copied;
      at += copied;
      if (at === blocks[index]!.length) [index, at] = [index + 1, 0];
    }
  };
}

/** That of this process. */
export const partMemory: PartMemory = createPartMemory();
