/** Milliseconds since 1970, both ends included. */
export interface DateRange {
  readonly min: number;
  readonly max: number;
}

export const ANY_DATE: DateRange = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
const DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;

/**
 * `2025-03-01`, `2025-03` or `2025` for all of that day, month or year (UTC); `>2025-03`, `>=2025`, `<2025-03-01`, `<=2025`
 * for what is after, from, before or up to it; `2024..2025-06` from the first to the end of the second. Undefined for
 * anything else.
 */
export function parseDateRange(text: string): DateRange | undefined {
  const between = text.split("..");
  if (between.length === 2) {
    const [first, last] = between.map(parseDate);
    if (first === undefined || last === undefined || first.min > last.max) return undefined;
    return { min: first.min, max: last.max };
  }
  const [, comparison = "", rest = ""] = /^([<>]=?|=)?(.*)$/s.exec(text) ?? [];
  const date = parseDate(rest);
  if (date === undefined) return undefined;
  switch (comparison) {
    case ">":
      return { ...ANY_DATE, min: date.max + 1 };
    case ">=":
      return { ...ANY_DATE, min: date.min };
    case "<":
      return { ...ANY_DATE, max: date.min - 1 };
    case "<=":
      return { ...ANY_DATE, max: date.max };
    default:
      return date;
  }
}

/** A day, a month or a year. */
function parseDate(text: string): DateRange | undefined {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined) return undefined;
  const min = startOf(
    Number(year),
    month === undefined ? 0 : Number(month) - 1,
    day === undefined ? 1 : Number(day),
  );
  // The 30th of February would be in March.
  if (min === undefined) return undefined;
  const next = new Date(min);
  if (day !== undefined) next.setUTCDate(next.getUTCDate() + 1);
  else if (month !== undefined) next.setUTCMonth(next.getUTCMonth() + 1);
  else next.setUTCFullYear(next.getUTCFullYear() + 1);
  return { min, max: next.getTime() - 1 };
}

function startOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  // Date.UTC takes 50 for 1950.
  date.setUTCFullYear(year, month, day);
  const isSame = date.getUTCFullYear() === year && date.getUTCMonth() === month && date.getUTCDate() === day;
  return isSame ? date.getTime() : undefined;
}
