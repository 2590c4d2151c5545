import type { Caller } from "../caller.ts";
import type { TrackerConfig } from "../config.ts";
import { reachedOrigin } from "../reached-origin.ts";

/** What peers are told of the relay. */
export interface RelayUrls {
  /** Its origin as this caller reaches it; undefined when nobody can tell. */
  urlFor(caller: Pick<Caller, "reachedHost">): string | undefined;
}

export interface RelayUrlsOptions {
  config: Pick<TrackerConfig, "relayUrl" | "publicUrl">;
  /** The port the relay listens at here; undefined when it runs elsewhere. */
  port: number | undefined;
}

export function createRelayUrls({ config, port }: RelayUrlsOptions): RelayUrls {
  return {
    urlFor: (caller) => reachedOrigin(caller, { url: config.relayUrl, publicUrl: config.publicUrl, port }),
  };
}
