import { PanalError } from "../errors.ts";
import type { ByteRange } from "./blocks.ts";
import { type FileId, fileIdLength } from "./file-id.ts";

/**
 * The one range of a Range header (RFC 9110, 14.2) within a file of `length` bytes. Undefined means: as if there was none,
 * which is what the standard says for other units, several ranges (it allows the whole file then) and nonsense.
 */
export function parseRange(
  header: string | undefined,
  length: number,
): ByteRange | "unsatisfiable" | undefined {
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header ?? "");
  if (match === null) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "") {
    if (last === "") return undefined;
    // "-5": the last five bytes.
    const suffix = Math.min(Number(last), length);
    return suffix === 0 ? "unsatisfiable" : { start: length - suffix, end: length };
  }
  // Numbers too large to be exact are past the end in any case.
  const start = Number(first);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= length) return "unsatisfiable";
  return { start, end: last === "" ? length : Math.min(Number(last) + 1, length) };
}

/** A Range header that asks for these bytes: at least one. */
export function rangeHeader({ start, end }: ByteRange): string {
  return `bytes=${start}-${end - 1}`;
}

/** The Content-Range header of an answer with these bytes, at least one, of a file of `length`. */
export function contentRange({ start, end }: ByteRange, length: number): string {
  return `bytes ${start}-${end - 1}/${length}`;
}

/**
 * The range a DownloadFile request means; length 0 is to the end. Throws "out-of-range" past the end: compared as big integers, since
 * sums of hostile ones don't fit into a number.
 */
export function downloadRange(
  fileId: FileId,
  { offset, length }: { offset: bigint; length: bigint },
): ByteRange {
  const size = fileIdLength(fileId);
  const end = length === 0n ? BigInt(size) : offset + length;
  if (offset > BigInt(size) || end > BigInt(size)) {
    throw new PanalError("out-of-range", `${fileId}: bytes ${offset} to ${end} of ${size}`);
  }
  return { start: Number(offset), end: Number(end) };
}

/** Whether a list of entity tags holds this one (RFC 9110, 8.8.3); weak comparison looks past "W/". */
export function namesTag(header: string, etag: string, comparison: "weak" | "strong"): boolean {
  return header.split(",").some((each) => {
    const tag = each.trim();
    return tag === "*" || tag === etag || (comparison === "weak" && tag === `W/${etag}`);
  });
}
