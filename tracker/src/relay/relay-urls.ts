import { urlHost } from "../addresses.ts";
import type { Caller } from "../caller.ts";
import type { TrackerConfig } from "../config.ts";

/** What peers are told of the relay. */
export interface RelayUrls {
  /** Its origin as this caller reaches it; undefined when nobody can tell. */
  urlFor(caller: Pick<Caller, "reachedHost">): string | undefined;
}

export interface RelayUrlsOptions {
  config: Pick<TrackerConfig, "relayUrl" | "publicUrl">;
  /** The port the relay listens at. */
  port: number;
}

export function createRelayUrls({ config, port }: RelayUrlsOptions): RelayUrls {
  return {
    urlFor({ reachedHost }) {
      if (config.relayUrl !== undefined) return config.relayUrl;
      // As with the gateway: behind a proxy that speaks https, only its operator knows what leads here.
      if (config.publicUrl?.startsWith("https:") === true) return undefined;
      return reachedHost === undefined ? undefined : `http://${urlHost(reachedHost)}:${port}`;
    },
  };
}
