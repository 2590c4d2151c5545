import { PanalError, type RateLimit } from "@panal/sdk";
import { MAX_BLOCK_DATA_BYTES } from "./block-pool.ts";
import { createFairPlaces } from "./fair-places.ts";

/** Files being sent at the same time; more clients are told to come back. */
export const DEFAULT_MAX_CLIENTS = 256;

/** What one answer with file data may use, until it is released. */
export interface Place {
  /** File data to be sent at a time, at most. */
  readonly quantumBytes: number;
  /** Waits until so many bytes of file data may go. Rejects with "aborted". */
  maySend(bytes: number, signal?: AbortSignal): Promise<void> | undefined;
  release(): void;
}

/** Who is being sent file data, by whichever way, and how fast. */
export interface ServingPlaces {
  /**
   * Takes a place for a client (`clientOf`). Throws "busy" when there is none. `onLost`: the place went to a client with fewer of
   * them, and what is being sent has to end; it is released already.
   */
  acquire(client: string, onLost: (reason: PanalError) => void): Place;
  readonly active: number;
}

export function createServingPlaces(
  options: { maxClients?: number | undefined; uploadLimit?: RateLimit | undefined } = {},
): ServingPlaces {
  const { maxClients = DEFAULT_MAX_CLIENTS, uploadLimit } = options;
  const places = createFairPlaces(maxClients);
  return {
    acquire(client, onLost) {
      const busy = () =>
        new PanalError(
          "busy",
          `${maxClients} downloads are being served, which is as many as may be: try later`,
        );
      const release = places.take(client, () => onLost(busy()));
      if (release === undefined) throw busy();
      return {
        quantumBytes: uploadLimit?.quantumBytes ?? MAX_BLOCK_DATA_BYTES,
        maySend: (bytes, signal) => uploadLimit?.take(bytes, { signal, caller: client }),
        release,
      };
    },
    get active() {
      return places.taken;
    },
  };
}
