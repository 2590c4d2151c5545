import { type ByteRange, PanalError } from "@panal/sdk";

/** A file that is read once, from its beginning on. */
export interface OrderedReader {
  /** The range that begins where the one asked for before ends. Throws "changed" when the browser doesn't give the file any more. */
  read(range: ByteRange): Promise<Uint8Array<ArrayBuffer>>;
  close(): void;
}

/**
 * As one stream: a question to the browser for each piece costs the page and the browser three times as much, and takes longer. `beforeEach` is waited
 * for before a range is read.
 */
export function readInOrder(file: Blob, beforeEach: () => Promise<void>): OrderedReader {
  const reader = file.stream().getReader();
  let rest = new Uint8Array(0);
  let position = 0;
  let before: Promise<unknown> = Promise.resolve();

  async function fill({ start, end }: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    await beforeEach();
    if (start !== position) throw new PanalError("internal", `byte ${start} asked for, ${position} is next`);
    const range = new Uint8Array(end - start);
    for (let filled = 0; filled < range.length;) {
      if (rest.length === 0) rest = await nextChunk();
      const part = rest.subarray(0, range.length - filled);
      range.set(part, filled);
      filled += part.length;
      rest = rest.subarray(part.length);
    }
    position = end;
    return range;
  }

  async function nextChunk(): Promise<Uint8Array<ArrayBuffer>> {
    const next = await reader.read().catch((cause: unknown) => {
      throw new PanalError("changed", "the file isn't what it was, or can't be read any more", { cause });
    });
    if (next.value === undefined) throw new PanalError("changed", "the file is shorter than it was");
    return next.value;
  }

  return {
    read(range) {
      const reading = before.then(() => fill(range));
      before = reading.catch(() => {});
      return reading;
    },
    close: () => void reader.cancel().catch(() => {}),
  };
}
