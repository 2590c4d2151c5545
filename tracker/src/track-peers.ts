import type { Challenges } from "./challenges.ts";
import type { TrackerConfig } from "./config.ts";
import { createDialRules } from "./dial-rules.ts";
import type { TrackerEvent } from "./events.ts";
import type { Metrics } from "./metrics.ts";
import { type Reachability, createReachability } from "./reachability.ts";
import { createNonceReader } from "./read-nonce.ts";
import { type Registry, createRegistry } from "./registry.ts";
import { type SourceReports, createSourceReports } from "./source-reports.ts";
import type { Store } from "./store/store.ts";

export interface TrackPeersOptions {
  config: TrackerConfig;
  store: Store;
  /** The same for all who use the store. */
  now: () => number;
  challenges: Challenges;
  emit: (event: TrackerEvent) => void;
  countCheck: Metrics["countCheck"];
}

/** Who is alive, and whether they are where they say, under these settings. */
export function trackPeers(options: TrackPeersOptions): {
  registry: Registry;
  reachability: Reachability;
  reports: SourceReports;
} {
  const { config, store, now, challenges, emit, countCheck } = options;
  const { log, heartbeatSeconds } = config;
  const dialRules = createDialRules({ ranges: config.dialRanges });
  const reachability = createReachability({
    store,
    reader: createNonceReader({ rules: dialRules, network: config.peerNetwork, now }),
    now,
    emit,
    countCheck,
    onError: (error) => log.error({ error }, "a check of a peer failed"),
  });
  const registry = createRegistry({
    store,
    now,
    challenges,
    heartbeatSeconds,
    dialRules,
    reachability,
    emit,
  });
  return { registry, reachability, reports: createSourceReports({ store, now }) };
}
