import type { ByteRange } from "@panal/sdk";
import type { ReadableFile } from "../library/served-files.ts";
import { BLOCK_DATA_BYTES, type Block, type BlockPool } from "./block-pool.ts";
import { MAX_MESSAGE_HEADER_BYTES } from "./stream-frames.ts";

/** What is read at once: one read of 1 MiB costs much less than eight of 128 KiB. */
const MAX_BATCH_BLOCKS = 8;
/** Who takes what one read brought within this is quick, and the next read is twice as large: 10 MB/s get the largest. */
const QUICK_MS = 100;

/** A part of the file, checked to be from what was hashed. Its taker gives the block back to the pool. */
export interface FilledBlock {
  readonly block: Block;
  /** Of file data; it begins after room for a header. */
  readonly dataLength: number;
}

/** A range of a file in blocks, read before they are asked for as long as whoever takes them is quick. */
export interface ReadAhead {
  /** The next block; undefined after the last. Throws "changed". */
  next(): Promise<FilledBlock | undefined>;
  /** Gives back what was read in vain, also when a read is still under way. */
  close(): void;
}

/** What one read fills. */
interface Batch {
  readonly blocks: readonly FilledBlock[];
  readonly done: Promise<void>;
}

export interface ReadAheadOptions {
  file: ReadableFile;
  range: ByteRange;
  pool: BlockPool;
  /** File data in a block: at most, and by default, BLOCK_DATA_BYTES. */
  blockBytes?: number;
}

export function createReadAhead(options: ReadAheadOptions): ReadAhead {
  const { file, range, pool, blockBytes = BLOCK_DATA_BYTES } = options;
  /** Of the next block to be given. */
  let position = range.start;
  /** Blocks that are here. */
  let ready: FilledBlock[] = [];
  /** Comes after them. */
  let ahead: Batch | undefined;
  /** To be read ahead; none for slow readers. */
  let batchBlocks = 0;
  let isSlow = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  function read(start: number, blocks: readonly Block[]): Batch {
    const filled: FilledBlock[] = [];
    const targets: Uint8Array[] = [];
    let end = start;
    for (const block of blocks) {
      const dataLength = Math.min(blockBytes, range.end - end);
      filled.push({ block, dataLength });
      targets.push(block.subarray(MAX_MESSAGE_HEADER_BYTES, MAX_MESSAGE_HEADER_BYTES + dataLength));
      end += dataLength;
    }
    const done = file.read(targets, start);
    // It may fail before anybody asks for it; whoever does is told.
    done.catch(() => {});
    return { blocks: filled, done };
  }

  function readOn(start: number): Batch | undefined {
    const wanted = Math.min(batchBlocks, Math.ceil((range.end - start) / blockBytes));
    const blocks = wanted > 0 ? pool.takeAhead(wanted) : [];
    return blocks.length === 0 ? undefined : read(start, blocks);
  }

  function giveBack(blocks: readonly FilledBlock[]): void {
    for (const { block } of blocks) pool.giveBack(block);
  }

  /** Once nothing is written into them any more. */
  async function drop({ blocks, done }: Batch): Promise<void> {
    await Promise.allSettled([done]);
    giveBack(blocks);
  }

  function dropAll(): void {
    giveBack(ready);
    ready = [];
    if (ahead !== undefined) void drop(ahead);
    ahead = undefined;
  }

  /** Whoever is slow holds no more than the block being sent. */
  function slowDown(): void {
    dropAll();
    isSlow = true;
  }

  /** The first block of what one read brought has been taken: the next read can begin. */
  function beginBatch(): void {
    const end = ready.reduce((at, { dataLength }) => at + dataLength, position);
    if (position >= range.end) return;
    batchBlocks = isSlow ? 0 : Math.min(MAX_BATCH_BLOCKS, Math.max(1, batchBlocks * 2));
    isSlow = false;
    ahead = readOn(end);
    timer = setTimeout(slowDown, QUICK_MS).unref();
  }

  async function receive(batch: Batch): Promise<void> {
    try {
      await batch.done;
    } catch (error) {
      giveBack(batch.blocks);
      throw error;
    }
    if (isClosed) giveBack(batch.blocks);
    else ready = [...batch.blocks];
  }

  return {
    async next() {
      if (position >= range.end) return undefined;
      const isNewBatch = ready.length === 0;
      if (isNewBatch) {
        clearTimeout(timer);
        const batch = ahead ?? read(position, [pool.takeOne()]);
        ahead = undefined;
        await receive(batch);
      }
      const given = ready.shift();
      if (given === undefined) return undefined;
      position += given.dataLength;
      if (isNewBatch) beginBatch();
      return given;
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      dropAll();
    },
  };
}
