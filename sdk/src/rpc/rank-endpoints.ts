import type { Endpoint } from "../tracker/api.ts";
import type { EndpointMemory } from "./endpoint-memory.ts";

/** A better endpoint has this much time to answer before the next one is tried as well. */
const HEAD_START_MS = 300;

export interface RankedEndpoint {
  /** Without a slash at the end. */
  readonly url: string;
  readonly route: Endpoint["route"];
  /** When it is tried unless those before have failed: milliseconds since the race began. */
  readonly startMs: number;
}

/**
 * Straight to the peer before the gateway before the relay; on this machine before the network. Where there is a way through the tracker,
 * those straight to the peer share one head start: whatever is in their way costs 300 ms and no more, and nothing once it is known.
 */
export function rankEndpoints(
  endpoints: readonly Pick<Endpoint, "url" | "route">[],
  memory: Pick<EndpointMemory, "isBlocked">,
): RankedEndpoint[] {
  const all = endpoints.map(({ url, route }) => ({ url: url.replace(/\/+$/, ""), route }));
  const open = all
    .filter(({ url, route }) => route === "direct" && !memory.isBlocked(url))
    .sort((a, b) => nearness(a.url) - nearness(b.url));
  const through = all.filter(({ route }) => route !== "direct").sort((a, b) => distance(a) - distance(b));
  // Last, for networks that changed without a word.
  const blocked = all.filter(({ url, route }) => route === "direct" && memory.isBlocked(url));
  const stepMs = through.length === 0 ? HEAD_START_MS : HEAD_START_MS / Math.max(1, open.length);
  return [...open, ...through, ...blocked].map((endpoint, rank) => {
    const beyond = Math.max(0, rank - open.length);
    return { ...endpoint, startMs: Math.min(rank, open.length) * stepMs + beyond * HEAD_START_MS };
  });
}

function nearness(url: string): number {
  return /^https?:\/\/(127\.|localhost|\[::1\])/i.test(url) ? 0 : 1;
}

function distance({ route }: Pick<Endpoint, "route">): number {
  return { direct: 0, gateway: 1, relay: 2 }[route];
}
