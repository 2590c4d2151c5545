import { parseConfig, type TrackerOptions } from "../config.ts";
import { createLimits } from "../limits.ts";
import { createLivePeers } from "../live-peers.ts";
import { createMetrics } from "../metrics.ts";
import { openStoreForReading } from "../open-store.ts";
import { urlHost } from "../addresses.ts";
import { createWebOrigins } from "../web-origins.ts";
import { startGateway } from "./start-gateway.ts";

export interface RunningGatewayProcess {
  readonly urls: readonly string[];
  close(): Promise<void>;
}

/**
 * The gateway as a process of its own, so that bytes don't compete with the index: it looks into the database of a tracker, which is told
 * with --via-url where it is. Throws "invalid" when there is none to look into.
 */
export async function startGatewayProcess(options: TrackerOptions): Promise<RunningGatewayProcess> {
  const config = parseConfig(options);
  const { store, now, close } = await openStoreForReading(config);
  try {
    const live = createLivePeers({ store, now, heartbeatSeconds: config.heartbeatSeconds });
    const { log, limits: factor, heartbeatSeconds, viaBytesPerSecond } = config;
    const limits = createLimits({ now: config.now, factor, heartbeatSeconds, viaBytesPerSecond });
    const metrics = createMetrics({ store, registry: live, events: { listenerCount: 0 }, isOfProcess: true });
    const gateway = await startGateway({
      config: config.viaPort === undefined ? { ...config, viaPort: { port: 0, isChosen: false } } : config,
      live,
      index: store.index,
      limits,
      metrics,
      // Pages come from the tracker, whose settings these are.
      webOrigins: createWebOrigins(config, config.port),
      tellsMetrics: true,
    });
    const urls = [`http://${urlHost(config.host ?? "localhost")}:${gateway!.port}`];
    return {
      urls: config.viaUrl === undefined ? urls : [...urls, config.viaUrl],
      async close() {
        log.info("stopping");
        await gateway!.close();
        await close();
        log.info("stopped");
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
