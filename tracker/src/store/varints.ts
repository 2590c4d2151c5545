/** Of a byte, what carries the number; the rest says that more bytes follow. */
const FACTOR = 128;

/** Appends a number from 0 to 2^53 in as few bytes as it takes. */
export function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= FACTOR; rest = Math.floor(rest / FACTOR)) bytes.push((rest % FACTOR) + FACTOR);
  bytes.push(rest);
}

/** Any safe integer, so that small ones of either sign stay short. */
export function pushSigned(bytes: number[], value: number): void {
  // The sign comes after the first six bits, which leaves 53 for the number itself.
  const size = Math.abs(value);
  const sign = value < 0 ? 1 : 0;
  pushVarint(bytes, (size % 64) * 2 + sign + Math.floor(size / 64) * FACTOR);
}

/** Reads what was pushed, one number after the other. */
export interface VarintReader {
  readonly isAtEnd: boolean;
  next(): number;
  nextSigned(): number;
}

export function readVarints(bytes: Uint8Array): VarintReader {
  let at = 0;
  function next(): number {
    let value = 0;
    for (let factor = 1; ; factor *= FACTOR) {
      const byte = bytes[at++]!;
      if (byte < FACTOR) return value + byte * factor;
      value += (byte - FACTOR) * factor;
    }
  }
  return {
    get isAtEnd() {
      return at >= bytes.length;
    },
    next,
    nextSigned() {
      const value = next();
      const size = Math.floor(value / FACTOR) * 64 + ((value % FACTOR) >> 1);
      return value % 2 === 1 ? -size : size;
    },
  };
}
