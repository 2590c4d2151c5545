import { isLoopbackHost, isUnspecifiedAddress, parseAddress, urlHost } from "./addresses.ts";
import type { TrackerConfig } from "./config.ts";

/** Under which names the tracker answers, and so from which origins its pages come. */
export interface WebOrigins {
  /** Every `scheme://host:port` it accepts to be reached under; pages from there may use peers. With --allow-origin. */
  list(): string[];
  /** Whether a page from this origin may use the API. */
  has(origin: string): boolean;
  /** Whether a Host header names this tracker: IP literals and names it was told, so that no other name can lead here. */
  acceptsHost(header: string): boolean;
}

/** `port`: the one it listens at. */
export function createWebOrigins(config: TrackerConfig, port: number): WebOrigins {
  const publicHost = config.publicUrl === undefined ? undefined : new URL(config.publicUrl).hostname;

  function addresses(): string[] {
    const { host } = config;
    if (host !== undefined && !isUnspecifiedAddress(host)) {
      return isLoopbackHost(host) ? ["localhost", "127.0.0.1", "::1"] : ["localhost", host];
    }
    return ["localhost", "127.0.0.1", "::1", ...config.interfaceAddresses()];
  }

  /** Made anew when the machine's addresses have changed: each heartbeat is answered with it. */
  let known: { readonly addresses: readonly string[]; readonly origins: string[] } | undefined;

  function list(): string[] {
    const now = addresses();
    const isKnown =
      known?.addresses.length === now.length &&
      now.every((address, index) => known!.addresses[index] === address);
    if (!isKnown) known = { addresses: now, origins: originsAt(now) };
    return known!.origins;
  }

  function originsAt(addresses: readonly string[]): string[] {
    const own = [...addresses, ...config.allowHosts].map(
      (host) => new URL(`http://${urlHost(host)}:${port}`).origin,
    );
    const named = config.publicUrl === undefined ? [] : [config.publicUrl];
    return [...new Set([...named, ...own, ...config.allowOrigins])];
  }

  return {
    list,
    has: (origin) => list().includes(origin),
    acceptsHost(header) {
      const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]/?#@\s]+)(?::\d{1,5})?$/.exec(header);
      const name = match?.[1]?.toLowerCase().replace(/\.$/, "");
      if (name === undefined) return false;
      return (
        parseAddress(name) !== undefined ||
        name === "localhost" ||
        config.allowHosts.has(name) ||
        (publicHost !== undefined && name === publicHost)
      );
    },
  };
}
