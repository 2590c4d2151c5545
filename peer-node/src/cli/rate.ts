import { InvalidArgumentError } from "commander";

const FACTORS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9 };

/**
 * Bytes per second of `20M`, `500K`, `2.5M`, `800`: decimal units, as networks are measured. Throws a usage error for anything
 * else, and for less than one byte.
 */
export function parseRate(text: string): number {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)([kmg]?)$/i.exec(text);
  const bytesPerSecond = Number(match?.[1]) * (FACTORS[match?.[2]?.toLowerCase() ?? ""] ?? NaN);
  if (bytesPerSecond >= 1) return bytesPerSecond;
  throw new InvalidArgumentError("expected bytes per second, as in 800K, 20M or 2.5M");
}
