import type { BytesByRoute, Route } from "@panal/sdk";
import { formatBytes } from "./format.ts";

/** "gateway" is the longest. */
export const ROUTE_WIDTH = 7;

/** Which ways bytes went, for people: `direct`, or `direct 40.0 MiB, gateway 2.0 MiB`; empty when none did. */
export function saidWays(bytesBy: BytesByRoute): string {
  const ways = (Object.entries(bytesBy) as [Route, number][]).filter(([, bytes]) => bytes > 0);
  if (ways.length < 2) return ways[0]?.[0] ?? "";
  return ways.map(([route, bytes]) => `${route} ${formatBytes(bytes)}`).join(", ");
}
