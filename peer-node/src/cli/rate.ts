import { InvalidArgumentError } from "commander";

/** Bytes of `50G`, `500M`: the same units. Throws a usage error for anything else. */
export function parseQuota(text: string): number {
  const bytes = bytesOf(text);
  if (bytes >= 1) return Math.floor(bytes);
  throw new InvalidArgumentError("expected bytes, as in 500M or 50G");
}

const FACTORS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/**
 * Bytes per second of `20M`, `500K`, `2.5M`, `800`: decimal units, as networks are measured. Throws a usage error for anything
 * else, and for less than one byte.
 */
export function parseRate(text: string): number {
  const bytesPerSecond = bytesOf(text);
  if (bytesPerSecond >= 1) return bytesPerSecond;
  throw new InvalidArgumentError("expected bytes per second, as in 800K, 20M or 2.5M");
}

/** NaN for anything that isn't a number of bytes. */
function bytesOf(text: string): number {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)([kmgt]?)$/i.exec(text);
  return Number(match?.[1]) * (FACTORS[match?.[2]?.toLowerCase() ?? ""] ?? NaN);
}
