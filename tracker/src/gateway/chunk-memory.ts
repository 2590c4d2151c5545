/** What is received and written at one go while there is room: half as many turns as with 64 KiB. */
const LARGE_BYTES = 128 * 1024;
const MAX_LARGE_BLOCKS = 64;
/** For the others, when clients that stopped hold all of those. */
const SMALL_BYTES = 32 * 1024;

/**
 * Memory for bytes on their way through, used again and again: a buffer for each chunk, as streams have it, is collected as garbage
 * among all that a tracker has in memory, which costs more than to carry the bytes.
 */
export interface ChunkMemory {
  take(): Buffer;
  /** Nobody reads from it or writes to it any more. */
  giveBack(block: Buffer): void;
  /** It may be in use for who knows how long: garbage collection knows. */
  forget(block: Buffer): void;
  /** Large blocks that are out. */
  readonly largeTaken: number;
}

export function createChunkMemory(maxLargeBlocks: number = MAX_LARGE_BLOCKS): ChunkMemory {
  const free: Buffer[] = [];
  let largeTaken = 0;
  return {
    take() {
      if (largeTaken >= maxLargeBlocks) return Buffer.allocUnsafeSlow(SMALL_BYTES);
      largeTaken++;
      return free.pop() ?? Buffer.allocUnsafeSlow(LARGE_BYTES);
    },
    giveBack(block) {
      if (block.length !== LARGE_BYTES) return;
      largeTaken--;
      free.push(block);
    },
    forget(block) {
      if (block.length === LARGE_BYTES) largeTaken--;
    },
    get largeTaken() {
      return largeTaken;
    },
  };
}
