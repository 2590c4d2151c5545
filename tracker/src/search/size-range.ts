/** Bytes, both ends included. */
export interface SizeRange {
  readonly min: number;
  readonly max: number;
}

const FACTORS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};
const SIZE = /^(\d{1,15}(?:\.\d{1,6})?)([kmgt]?i?)b?$/i;

/** `>100M`, `>=1.5GiB`, `<4k`, `10M..1G`, `700`; undefined for anything else. K, M, G, T are powers of 1000, KiB and so on of 1024. */
export function parseSizeRange(text: string): SizeRange | undefined {
  const between = text.split("..");
  if (between.length === 2) {
    const [min, max] = between.map(parseSize);
    if (min === undefined || max === undefined || min > max) return undefined;
    return { min: Math.ceil(min), max: Math.floor(max) };
  }
  const [, comparison = "", rest = ""] = /^([<>]=?|=)?(.*)$/s.exec(text) ?? [];
  const size = parseSize(rest);
  if (size === undefined) return undefined;
  switch (comparison) {
    case ">":
      return { min: Math.floor(size) + 1, max: Number.MAX_SAFE_INTEGER };
    case ">=":
      return { min: Math.ceil(size), max: Number.MAX_SAFE_INTEGER };
    case "<":
      // Nothing is smaller than nothing.
      return size === 0 ? undefined : { min: 0, max: Math.ceil(size) - 1 };
    case "<=":
      return { min: 0, max: Math.floor(size) };
    default:
      return { min: Math.round(size), max: Math.round(size) };
  }
}

function parseSize(text: string): number | undefined {
  const [, digits, unit = ""] = SIZE.exec(text) ?? [];
  const factor = FACTORS[unit.toLowerCase()];
  if (digits === undefined || factor === undefined) return undefined;
  const size = Number(digits) * factor;
  return size < Number.MAX_SAFE_INTEGER ? size : undefined;
}
