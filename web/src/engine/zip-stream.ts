import { makeZip, predictLength } from "client-zip";
import { openAhead } from "./open-ahead.ts";

/** A file that goes into a ZIP, as it is: nothing is packed, so that the length is known before the first byte. */
export interface ZipEntry {
  /** Its names were made safe, with "/" between them. No two are alike. */
  readonly path: string;
  readonly lengthBytes: number;
  readonly modifiedMs: number;
}

/** What the dates of a ZIP can say. */
const EARLIEST_MS = Date.UTC(1980, 0, 2);
const LATEST_MS = Date.UTC(2107, 11, 30);

/** How many bytes `zipStream` gives for these entries. */
export function zipLength(entries: readonly ZipEntry[]): number {
  return Number(predictLength(entries.map(metaOf)));
}

/**
 * One ZIP of all of them, ZIP64 where it has to be. Each is opened shortly before its turn comes, and whoever takes the
 * stream decides how fast that is. Fails when one has another length than it was said to have.
 */
export function zipStream<Entry extends ZipEntry>(
  entries: readonly Entry[],
  open: (entry: Entry) => AsyncIterable<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array> {
  const inputs = openAhead(entries, open);
  return makeZip(entries.map((entry, index) => ({ ...metaOf(entry), input: inputs[index]! })));
}

function metaOf({ path, lengthBytes, modifiedMs }: ZipEntry) {
  const time = Number.isFinite(modifiedMs)
    ? Math.min(LATEST_MS, Math.max(EARLIEST_MS, modifiedMs))
    : EARLIEST_MS;
  return { name: path, size: lengthBytes, lastModified: new Date(time) };
}
