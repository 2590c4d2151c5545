import type { ByteRange } from "../content/blocks.ts";
import { PanalError } from "../errors.ts";

/**
 * Bytes of a picked file, for ranges that may be in memory as a whole. Throws "changed" when the browser doesn't give them any more: the
 * file is another by now, or gone, or the permission was taken back.
 */
export async function readBlob(blob: Blob, { start, end }: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
  let buffer: ArrayBuffer;
  try {
    buffer = await blob.slice(start, end).arrayBuffer();
  } catch (cause) {
    throw new PanalError("changed", "the file isn't what it was, or can't be read any more", { cause });
  }
  if (buffer.byteLength !== end - start) throw new PanalError("changed", "the file is shorter than it was");
  return new Uint8Array(buffer);
}
