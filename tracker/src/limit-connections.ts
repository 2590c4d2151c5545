import type { Server } from "node:http";
import { isLoopbackHost, parseAddress } from "./addresses.ts";
import type { TrackerConfig } from "./config.ts";
import { type Limits, TooManyError } from "./limits.ts";
import type { Metrics } from "./metrics.ts";

export interface LimitConnectionsOptions {
  config: Pick<TrackerConfig, "trustedProxies" | "interfaceAddresses">;
  limits: Limits;
  metrics: Pick<Metrics, "countRefusal">;
}

/** Hangs up on an address that has too many connections already, without a word: words would cost another one. */
export function limitConnections(server: Server, { config, limits, metrics }: LimitConnectionsOptions): void {
  server.on("connection", (socket) => {
    const address = parseAddress(socket.remoteAddress ?? "") ?? "";
    // Everybody comes through a proxy.
    if (config.trustedProxies.has(address)) return;
    const isLocal = isLoopbackHost(address) || config.interfaceAddresses().includes(address);
    try {
      socket.once("close", limits.open("connections", { address, isLocal }));
    } catch (error) {
      if (error instanceof TooManyError) metrics.countRefusal(error.limit);
      socket.destroy();
    }
  });
}
