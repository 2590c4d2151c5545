import type { ByteRange } from "@panal/sdk/content";
import { fetchPart } from "./fetch-part.ts";

/** A PDF's reader keeps a buffer of the file's length: a longer one is for programs of its own. */
export const MAX_PDF_BYTES = 256 * 1024 * 1024;

/** All bytes of a range; an answer may hold only its beginning. */
export async function fetchRange(
  url: string,
  { start, end }: ByteRange,
  signal: AbortSignal,
  fetchSome: typeof fetchPart = fetchPart,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(end - start);
  for (let at = start; at < end;) {
    const part = await fetchSome(url, { start: at, end }, signal);
    bytes.set(part, at - start);
    at += part.length;
  }
  return bytes;
}
