import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import { InvalidFieldsError, invalidField } from "./invalid-fields.ts";

/** Checked in one go, a millisecond, between which other requests are answered. */
const SLICE_ITEMS = 500;

/**
 * The items of a long list, checked in turns with others' requests. `field` names the list, or what of it begins at `start`;
 * more than `maxItems` throw "invalid", as does the first slice with something wrong, each field named.
 */
export async function parseItems<T extends z.ZodType>(
  value: unknown,
  {
    schema,
    field,
    maxItems,
    start: first = 0,
  }: { schema: T; field: string; maxItems: number; start?: number },
): Promise<z.output<T>[]> {
  if (Array.isArray(value) && first + value.length > maxItems)
    throw invalidField(field, `at most ${maxItems} are taken at once`);
  const list = z.array(z.unknown()).safeParse(value);
  if (!list.success) throw InvalidFieldsError.fromZod(list.error, { root: field, value });
  const slice = z.array(schema);
  const items: z.output<T>[] = [];
  for (let start = 0; start < list.data.length; start += SLICE_ITEMS) {
    if (start > 0) await setImmediate();
    const values = list.data.slice(start, start + SLICE_ITEMS);
    const parsed = slice.safeParse(values);
    if (!parsed.success)
      throw InvalidFieldsError.fromZod(parsed.error, { root: field, value: values, start: first + start });
    for (const item of parsed.data) items.push(item);
  }
  return items;
}
