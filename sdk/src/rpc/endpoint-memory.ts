import { type Clock, systemClock } from "../transfer/clock.ts";

/** Networks change without telling everybody. */
const REMEMBERED_MS = 5 * 60_000;
/** Beyond that, the oldest is found out anew. */
const MAX_REMEMBERED = 1_000;

/** Which addresses lead nowhere from the network this runs in, so that it is waited for once and not with each file. */
export interface EndpointMemory {
  /** Whether another way to the same peer answered lately while this one kept silent. */
  isBlocked(url: string): boolean;
  note(race: { won: string; lost: readonly string[] }): void;
  /** Another network: nothing is known of it. */
  forget(): void;
}

export function createEndpointMemory({ clock = systemClock }: { clock?: Clock } = {}): EndpointMemory {
  const blockedAtMs = new Map<string, number>();
  return {
    isBlocked(url) {
      const atMs = blockedAtMs.get(url);
      return atMs !== undefined && clock.now() - atMs < REMEMBERED_MS;
    },
    note({ won, lost }) {
      blockedAtMs.delete(won);
      for (const url of lost) {
        blockedAtMs.delete(url);
        blockedAtMs.set(url, clock.now());
      }
      for (const oldest of blockedAtMs.keys()) {
        if (blockedAtMs.size <= MAX_REMEMBERED) break;
        blockedAtMs.delete(oldest);
      }
    },
    forget: () => blockedAtMs.clear(),
  };
}

/** What all sources of this process, page or worker have found out. */
export const endpointMemory: EndpointMemory = createEndpointMemory();
