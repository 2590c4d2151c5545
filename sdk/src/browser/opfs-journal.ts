import { pieceCountFor } from "../content/blocks.ts";
import { type FileId, fileIdLength } from "../content/file-id.ts";
import { PieceSet } from "../content/piece-set.ts";

/** What is known about a download in the browser's own storage. */
export interface OpfsJournal {
  /** The name it is to be saved under; shown through `displayName`. */
  readonly name: string;
  readonly isComplete: boolean;
  /** Claimed, not checked. */
  readonly have: PieceSet;
}

/** A name (255 bytes, escaped) and 131 072 pieces fit well. */
export const MAX_JOURNAL_BYTES = 64 * 1024;

// Both states are of one length, so that nothing moves when a file becomes complete.
const PARTIAL = "panal 1 partial \n";
const COMPLETE = "panal 1 complete\n";
const LINE_FEED = 0x0a;

/** A line with the state, a line with the name as JSON, then one bit a piece. */
export function formatOpfsJournal({ name, isComplete, have }: OpfsJournal): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(
    `${isComplete ? COMPLETE : PARTIAL}${JSON.stringify(name.slice(0, 1000))}\n`,
  );
  const bitmap = have.toBitmap();
  const bytes = new Uint8Array(head.length + bitmap.length);
  bytes.set(head);
  bytes.set(bitmap, head.length);
  return bytes;
}

/** Undefined when it isn't a whole journal of this file. */
export function parseOpfsJournal(fileId: FileId, bytes: Uint8Array): OpfsJournal | undefined {
  const state = new TextDecoder().decode(bytes.subarray(0, PARTIAL.length));
  if (state !== PARTIAL && state !== COMPLETE) return undefined;
  const nameEnd = bytes.indexOf(LINE_FEED, PARTIAL.length);
  if (nameEnd < 0) return undefined;
  try {
    const name: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(PARTIAL.length, nameEnd)));
    if (typeof name !== "string") return undefined;
    const have = PieceSet.fromBitmap(bytes.slice(nameEnd + 1), pieceCountFor(fileIdLength(fileId)));
    return { name, isComplete: state === COMPLETE && have.isFull, have };
  } catch {
    return undefined;
  }
}
