import { invalidField } from "../invalid-fields.ts";

/** Bits of a byte that carry a number; the eighth says that more follow. */
const BITS = 7;

/**
 * A cursor for orders that change while somebody pages, such as by peers: it says which files were shown, so that none
 * comes twice and none is left out, whatever happened meanwhile and whichever replica is asked. Two to four characters
 * for each file; `order` names the list.
 */
export function formatShown(order: string, files: Iterable<number>): string {
  const bytes: number[] = [];
  let before = 0;
  for (const file of [...files].sort((a, b) => a - b)) {
    let rest = file - before;
    before = file;
    for (; rest >= 1 << BITS; rest = Math.floor(rest / (1 << BITS)))
      bytes.push((rest % (1 << BITS)) | (1 << BITS));
    bytes.push(rest);
  }
  return `${order}.${Buffer.from(bytes).toString("base64url")}`;
}

/** Throws "invalid" for anything that `formatShown` didn't make, or made for another order. */
export function parseShown(order: string, cursor: string): Set<number> {
  const refuse = () =>
    invalidField("cursor", "not one of this list; start again without it", { value: cursor });
  const dot = cursor.indexOf(".");
  const text = cursor.slice(dot + 1);
  const bytes = Buffer.from(text, "base64url");
  if (cursor.slice(0, Math.max(0, dot)) !== order || bytes.toString("base64url") !== text) throw refuse();
  const files = new Set<number>();
  let file = 0;
  let factor = 1;
  for (const byte of bytes) {
    file += (byte % (1 << BITS)) * factor;
    if (!Number.isSafeInteger(file)) throw refuse();
    const isLast = byte < 1 << BITS;
    if (isLast) files.add(file);
    factor = isLast ? 1 : factor * (1 << BITS);
  }
  if (factor !== 1 || files.size === 0) throw refuse();
  return files;
}
