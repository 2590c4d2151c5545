import { callerRules } from "../caller.ts";
import type { TrackerConfig } from "../config.ts";
import type { TrackerEvent } from "../events.ts";
import type { PeerWay } from "../gateway/peer-way.ts";
import type { Limits } from "../limits.ts";
import { listenAt } from "../listen-at.ts";
import type { Metrics } from "../metrics.ts";
import type { Registry } from "../registry.ts";
import { waitMs } from "../wait.ts";
import type { WebOrigins } from "../web-origins.ts";
import { createAttachedPeers } from "./attached-peers.ts";
import { createRelayServer } from "./relay-server.ts";

/** Answers under way when it is told to stop. */
const DRAIN_MS = 1_000;

export interface StartRelayOptions {
  config: TrackerConfig;
  registry: Pick<Registry, "authorize" | "byLease" | "attached" | "detached">;
  limits: Limits;
  metrics: Metrics;
  webOrigins: WebOrigins;
}

export interface RunningRelay {
  readonly port: number;
  /** To the peers that are attached, for the gateway. */
  readonly way: PeerWay;
  isAttached(peerId: string): boolean;
  /** What peers share changes what is kept of them. */
  heard(event: TrackerEvent): void;
  close(): Promise<void>;
}

/**
 * Starts what `--relay-port` asks for; undefined when that is "off", or there is no gateway in this process through which anybody could come. Throws "conflict" when the port that was chosen is taken.
 */
export async function startRelay(options: StartRelayOptions): Promise<RunningRelay | undefined> {
  const { config, registry, limits, metrics, webOrigins } = options;
  if (config.relayPort === undefined || config.viaPort === undefined) return undefined;
  const peers = createAttachedPeers({
    now: config.now,
    wait: waitMs,
    onChange: (by) => metrics.changeAttached(by),
    onGone(peerId) {
      registry
        .detached(peerId)
        .catch((error: unknown) => config.log.error({ error }, "a peer that left the relay"));
    },
  });
  const relayHost = config.relayUrl === undefined ? undefined : new URL(config.relayUrl).host;
  const listening = await listenAt(config.relayPort, "relay-port", {
    config,
    handler: createRelayServer({
      peers,
      registry,
      origins: webOrigins,
      acceptsHost: (header) => header === relayHost || webOrigins.acceptsHost(header),
      callers: callerRules(config),
      limits,
      metrics,
      log: config.log,
      wait: waitMs,
    }),
  });
  config.log.info({ port: listening.port }, "the relay is ready");
  return {
    port: listening.port,
    way: peers.way,
    isAttached: peers.isAttached,
    heard({ type, peerId, added, removed }) {
      // What only came takes nothing away: a tab that hashes a folder announces something all the time.
      const hasOnlyMore = added !== undefined && (removed ?? []).length === 0;
      if (type === "files-changed" && !hasOnlyMore) peers.forget(peerId);
    },
    async close() {
      peers.close();
      await listening.close(DRAIN_MS);
    },
  };
}
