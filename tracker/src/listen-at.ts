import { PanalError } from "@panal/sdk";
import { type ListenOptions, type Listening, listen } from "@panal/sdk/node";
import type { ListenPort, TrackerConfig } from "./config.ts";

/** Through a proxy, all connections come from one address. */
const MAX_CONNECTIONS = 1024;

export interface ListenAtOptions {
  config: Pick<TrackerConfig, "host" | "trustedProxies">;
  handler: ListenOptions["handler"];
}

/** Listens at a port beside the tracker's. A port nobody chose may be another's; then any will do, since whoever comes there is told which. Throws "conflict" for one that was chosen. */
export async function listenAt(
  { port, isChosen }: ListenPort,
  setting: string,
  { config, handler }: ListenAtOptions,
): Promise<Listening> {
  const options = {
    host: config.host,
    handler,
    // A film takes as long as it takes; who sends nothing is cut off by what passes it on.
    requestTimeoutMs: 0,
    ...(config.trustedProxies.size > 0 ? { maxConnectionsOfClient: MAX_CONNECTIONS } : {}),
  };
  try {
    return await listen({ ...options, port });
  } catch (error) {
    if (PanalError.from(error).code !== "conflict") throw error;
    if (!isChosen) return listen({ ...options, port: 0 });
    throw new PanalError(
      "conflict",
      `--${setting}: ${port} is taken by another program: stop that, choose another port, or "off"`,
      { cause: error },
    );
  }
}
