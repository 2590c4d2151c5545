const SURROGATES_START = 0xd800;
const SURROGATES_END = 0xe000;

/**
 * By code point, as databases order UTF-8. JavaScript compares UTF-16 units, where what lies beyond the first plane
 * comes before the last of it.
 */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left !== right) return rankOf(left) - rankOf(right);
  }
  return a.length - b.length;
}

function rankOf(unit: number): number {
  if (unit < SURROGATES_START) return unit;
  return unit < SURROGATES_END ? unit + SURROGATES_END : unit;
}
