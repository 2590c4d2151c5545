import { invalidField } from "../invalid-fields.ts";

/** The sort key of the last row of a page: the next page starts behind it, whatever came or went meanwhile. */
export type CursorKey = readonly (string | number)[];

/** Opaque to clients; `order` names what the key is a key of. */
export function formatCursor(order: string, key: CursorKey): string {
  return Buffer.from(JSON.stringify([order, ...key])).toString("base64url");
}

/**
 * The key in a cursor of this order; `shape` is an example of it, whose types it must have. Throws "invalid" for anything
 * that `formatCursor` didn't make, or made for another order.
 */
export function parseCursor<const Shape extends CursorKey>(
  cursor: string,
  order: string,
  shape: Shape,
): { -readonly [Index in keyof Shape]: Shape[Index] extends number ? number : string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    parsed = undefined;
  }
  const isKey =
    Array.isArray(parsed) &&
    parsed.length === shape.length + 1 &&
    parsed[0] === order &&
    shape.every((example, index) => typeof example === typeof (parsed as unknown[])[index + 1]) &&
    parsed.every((part) => typeof part !== "number" || Number.isSafeInteger(part));
  if (!isKey) throw invalidField("cursor", "not one of this list; start again without it", { value: cursor });
  return (parsed as unknown[]).slice(1) as never;
}
