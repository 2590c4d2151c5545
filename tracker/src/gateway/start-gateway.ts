import { createNodePeerSource } from "@panal/sdk/node";
import { isUnspecifiedAddress, urlHost } from "../addresses.ts";
import { type Caller, callerRules } from "../caller.ts";
import type { TrackerConfig } from "../config.ts";
import { createDialRules } from "../dial-rules.ts";
import type { Limits } from "../limits.ts";
import { listenAt } from "../listen-at.ts";
import type { LivePeers } from "../live-peers.ts";
import type { Metrics } from "../metrics.ts";
import { createNonceReader } from "../read-nonce.ts";
import type { FileIndex } from "../store/store.ts";
import type { WebOrigins } from "../web-origins.ts";
import { createContentDoor } from "./content-door.ts";
import { createDialledWay } from "./dialled-way.ts";
import { createGateway } from "./gateway.ts";
import type { PeerWay } from "./peer-way.ts";
import { createProvenEndpoints } from "./proven-endpoints.ts";

/** Answers under way when it is told to stop. */
const DRAIN_MS = 3_000;

export interface StartGatewayOptions {
  config: TrackerConfig;
  live: Pick<LivePeers, "visiblePeer" | "viewFor">;
  index: Pick<FileIndex, "file">;
  limits: Limits;
  metrics: Metrics;
  webOrigins: WebOrigins;
  /** Whether it answers /metrics: where no tracker in the same process does. */
  tellsMetrics?: boolean;
  /** Tried before peers are dialled: the relay's, for those that are attached. */
  waysBefore?: readonly PeerWay[];
}

export interface RunningGateway {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts what `--via-port` asks for; undefined when that is "off". Throws "conflict" when the port that was chosen is taken. */
export async function startGateway(options: StartGatewayOptions): Promise<RunningGateway | undefined> {
  const { config, live, limits, metrics, webOrigins, waysBefore = [] } = options;
  if (config.viaPort === undefined) return undefined;
  const callers = callerRules(config);
  const { now } = config;
  const dialled = createDialledWay(
    createProvenEndpoints({
      reader: createNonceReader({
        rules: createDialRules({ ranges: config.dialRanges }),
        network: config.peerNetwork,
        now,
      }),
      callers,
      now,
    }),
  );
  const viaHost = config.viaUrl === undefined ? undefined : new URL(config.viaUrl).host;
  // Known once it listens: sources are asked through the gateway itself, so that they are held to the same rules.
  let ownUrl = "";
  const content = createContentDoor({
    index: options.index,
    live,
    createSource: ({ id, name }) =>
      createNodePeerSource({ id, name, endpoints: [{ url: `${ownUrl}/via/${id}`, route: "gateway" }] }),
    limits,
    metrics,
  });
  const listening = await listenAt(config.viaPort, "via-port", {
    config,
    handler: createGateway({
      ways: [...waysBefore, dialled],
      live,
      content,
      origins: webOrigins,
      acceptsHost: (header) => header === viaHost || webOrigins.acceptsHost(header),
      callers,
      limits,
      metrics,
      log: config.log,
      ...(options.tellsMetrics === true
        ? {
            metricsFor: (caller: Caller) =>
              caller.isLocal || (caller.isSeen && config.metricsFrom.has(caller.address))
                ? metrics.text()
                : undefined,
          }
        : {}),
    }),
  });
  const isEverywhere = isUnspecifiedAddress(listening.address);
  ownUrl = `http://${isEverywhere ? "127.0.0.1" : urlHost(listening.address)}:${listening.port}`;
  config.log.info({ port: listening.port }, "the gateway is ready");
  return {
    port: listening.port,
    async close() {
      await listening.close(DRAIN_MS);
      dialled.close();
    },
  };
}
