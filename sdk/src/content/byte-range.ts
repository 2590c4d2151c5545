import type { ByteRange } from "./blocks.ts";

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
