import { type ByteRange, readBlob } from "@panal/sdk";

/** What is in memory of a file while it is read: two of these. As long as a message of file data may be. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * A range of a picked file, read one chunk ahead. Throws "changed" when the browser doesn't give it any more: the file is another by
 * now, or gone, or the permission was taken back.
 */
export async function* readFile(
  file: Blob,
  { start, end }: ByteRange,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let next = start < end ? readChunk(file, start, end) : undefined;
  for (let at = start; next !== undefined;) {
    const bytes = await next;
    at += bytes.length;
    next = at < end ? readChunk(file, at, end) : undefined;
    // Whoever stops here never comes back for it.
    next?.catch(() => {});
    yield bytes;
  }
}

function readChunk(file: Blob, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  return readBlob(file, { start, end: Math.min(start + CHUNK_BYTES, end) });
}

/** Tries with a byte whether the browser still gives the file. Throws "changed" when it doesn't. */
export async function checkReadable(file: Blob, { start, end }: ByteRange): Promise<void> {
  if (start < end) await readBlob(file, { start, end: start + 1 });
}
