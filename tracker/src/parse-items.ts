import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import { InvalidFieldsError } from "./invalid-fields.ts";

/** Checked in one go, a millisecond, between which other requests are answered. */
const SLICE_ITEMS = 500;

/**
 * The items of a long list, checked in turns with others' requests. `field` names the list; `maxItems` and more throw
 * "invalid", as does the first slice with something wrong, each field named.
 */
export async function parseItems<T extends z.ZodType>(
  value: unknown,
  { schema, field, maxItems }: { schema: T; field: string; maxItems: number },
): Promise<z.output<T>[]> {
  const list = z.array(z.unknown()).max(maxItems).safeParse(value);
  if (!list.success) throw InvalidFieldsError.fromZod(list.error, { root: field, value });
  const slice = z.array(schema);
  const items: z.output<T>[] = [];
  for (let start = 0; start < list.data.length; start += SLICE_ITEMS) {
    if (start > 0) await setImmediate();
    const values = list.data.slice(start, start + SLICE_ITEMS);
    const parsed = slice.safeParse(values);
    if (!parsed.success)
      throw InvalidFieldsError.fromZod(parsed.error, { root: field, value: values, start });
    for (const item of parsed.data) items.push(item);
  }
  return items;
}
