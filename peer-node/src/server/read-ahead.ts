import type { ByteRange } from "@panal/sdk";
import type { ReadableFile } from "../library/served-files.ts";
import {
  BLOCK_DATA_BYTES,
  type Block,
  type BlockPool,
  MAX_BLOCK_DATA_BYTES,
  dataBytesOf,
} from "./block-pool.ts";
import { MAX_MESSAGE_HEADER_BYTES } from "@panal/sdk/node";

/** Who takes a block within this is quick. Some small ones in a row, and a large one is next: 10 MB/s keep getting those. */
const QUICK_MS = 100;

/** A part of the file, checked to be from what was hashed. Its taker gives the block back to the pool. */
export interface FilledBlock {
  readonly block: Block;
  /** Of file data; it begins after room for a header. */
  readonly dataLength: number;
}

/** A range of a file in blocks, the next one read before it is asked for as long as whoever takes them is quick. */
export interface ReadAhead {
  /** The next block; undefined after the last. Throws "changed". */
  next(): Promise<FilledBlock | undefined>;
  /** Gives back what was read in vain, also when a read is still under way. */
  close(): void;
}

interface Reading extends FilledBlock {
  readonly done: Promise<void>;
}

export interface ReadAheadOptions {
  file: ReadableFile;
  range: ByteRange;
  pool: BlockPool;
  /** File data in a block, at most. */
  maxBytes?: number;
}

export function createReadAhead(options: ReadAheadOptions): ReadAhead {
  const { file, range, pool, maxBytes = MAX_BLOCK_DATA_BYTES } = options;
  /** Of the next block to be given. */
  let position = range.start;
  let ahead: Reading | undefined;
  /** Of file data, to be read ahead; none for slow readers. */
  let aheadBytes = 0;
  let isSlow = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  function read(block: Block): Reading {
    const dataLength = Math.min(dataBytesOf(block), maxBytes, range.end - position);
    const target = block.subarray(MAX_MESSAGE_HEADER_BYTES, MAX_MESSAGE_HEADER_BYTES + dataLength);
    const done = file.read([target], position);
    // It may fail before anybody asks for it; whoever does is told.
    done.catch(() => {});
    return { block, dataLength, done };
  }

  /** Once nothing is written into it any more. */
  async function drop({ block, done }: Reading): Promise<void> {
    await Promise.allSettled([done]);
    pool.giveBack(block);
  }

  function dropAhead(): void {
    if (ahead !== undefined) void drop(ahead);
    ahead = undefined;
  }

  /** Whoever is slow holds no more than the block being sent. */
  function slowDown(): void {
    dropAhead();
    isSlow = true;
  }

  function readOn(): void {
    if (position >= range.end) return;
    aheadBytes = isSlow ? 0 : Math.min(maxBytes, Math.max(BLOCK_DATA_BYTES, aheadBytes * 2));
    isSlow = false;
    const isLast = range.end - position <= BLOCK_DATA_BYTES;
    const block = aheadBytes > 0 ? pool.takeAhead(isLast ? BLOCK_DATA_BYTES : aheadBytes) : undefined;
    if (block !== undefined) ahead = read(block);
    timer = setTimeout(slowDown, QUICK_MS).unref();
  }

  return {
    async next() {
      if (position >= range.end || isClosed) return undefined;
      clearTimeout(timer);
      const reading = ahead ?? read(pool.takeOne());
      ahead = undefined;
      try {
        await reading.done;
      } catch (error) {
        pool.giveBack(reading.block);
        throw error;
      }
      if (isClosed) {
        pool.giveBack(reading.block);
        return undefined;
      }
      position += reading.dataLength;
      readOn();
      return { block: reading.block, dataLength: reading.dataLength };
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      dropAhead();
    },
  };
}
