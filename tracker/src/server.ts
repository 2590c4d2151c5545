import { once } from "node:events";
import { type IncomingMessage, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type HttpBindings, getRequestListener } from "@hono/node-server";
import { PanalError } from "@panal/sdk";
import { isLoopbackHost, isUnspecifiedAddress, urlHost } from "./addresses.ts";
import { createApp } from "./app.ts";
import { type BodyReaderOptions, createBodyReader } from "./body.ts";
import type { App, Services } from "./context.ts";
import { type TrackerConfig, type TrackerOptions, parseConfig } from "./config.ts";
import { createEventFollower } from "./event-follower.ts";
import { createEventBus } from "./events.ts";
import { createFrontListener } from "./front-listener.ts";
import { type RunningGateway, type StartGatewayOptions, startGateway } from "./gateway/start-gateway.ts";
import { createViaEndpoints } from "./gateway/via-endpoints.ts";
import { createHealthState } from "./health-state.ts";
import { limitConnections } from "./limit-connections.ts";
import { createLimits } from "./limits.ts";
import { type HeartbeatDoor, createHeartbeatDoor } from "./heartbeat-door.ts";
import { logEvent } from "./log-event.ts";
import { createManifests } from "./manifests.ts";
import { createMetrics } from "./metrics.ts";
import { type OpenStore, openStore } from "./open-store.ts";
import { trackPeers } from "./track-peers.ts";
import type { Registry } from "./registry.ts";
import { createRelayUrls } from "./relay/relay-urls.ts";
import { type RunningRelay, type StartRelayOptions, startRelay } from "./relay/start-relay.ts";
import { createWebOrigins } from "./web-origins.ts";

const TICK_MS = 500;
/** Whoever can't send its headers in this time is not in a hurry, or means harm. */
const HEADERS_TIMEOUT_MS = 15_000;
/** For a whole request: 32 MiB of file list over a slow line, or while the lists of a hundred others are stored. */
const REQUEST_TIMEOUT_MS = 15 * 60_000;
/** Connections nobody uses; above what proxies wait by default. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** Answers under way when the tracker is told to stop. */
const DRAIN_MS = 3_000;
const IDLE_CHECK_MS = 20;

export interface RunningTracker {
  /** For this machine: `http://localhost:7070`, or with the address it was told to listen at. */
  readonly url: string;
  /** All addresses it answers to, that one first. */
  readonly urls: readonly string[];
  readonly port: number;
  /** Of its gateway; undefined when there is none. */
  readonly viaPort: number | undefined;
  /** Of its relay; undefined when there is none. */
  readonly relayPort: number | undefined;
  /** Lets requests end, writes what is in memory, frees the port. */
  close(): Promise<void>;
}

/** Starts a tracker. Throws "invalid" for a wrong setting, "conflict" when the port is taken. */
export async function startTracker(
  options: TrackerOptions = {},
  { onBulk }: Pick<BodyReaderOptions, "onBulk"> = {},
): Promise<RunningTracker> {
  const config = parseConfig(options);
  const opened = await openStore(config);
  try {
    return await serve(config, opened, onBulk);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function serve(
  config: TrackerConfig,
  opened: OpenStore,
  onBulk: BodyReaderOptions["onBulk"],
): Promise<RunningTracker> {
  const { store, eventLog } = opened;
  // Routes and relay need the ports, which the system may choose: no request comes before those are known.
  const serving: { app?: App; door?: HeartbeatDoor; relay?: RunningRelay | undefined } = {};
  const events = createEventBus({
    readLog: () => follower?.read() ?? Promise.resolve(),
    onEvent: (event) => serving.relay?.heard(event),
  });
  const { registry, reachability, reports } = trackPeers({
    ...opened,
    config,
    countCheck: (reachable) => metrics.countCheck(reachable),
    emit(event) {
      metrics.countEvent(event.type);
      logEvent(config.log, event);
      // What is in a log comes back from there, to all replicas alike.
      if (follower === undefined) events.emit(event);
      else follower.wake();
    },
  });

  const metrics = createMetrics({ store, registry, events, isOfProcess: true });
  const health = createHealthState(config.now);

  const admitted = new WeakSet<IncomingMessage>();
  const routes = getRequestListener((request, bindings) => {
    const incoming = (bindings as HttpBindings).incoming satisfies IncomingMessage;
    const { remoteAddress } = incoming.socket;
    return serving.app!.fetch(request, { remoteAddress, isAdmitted: admitted.has(incoming) });
  });
  const server = createServer(
    { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
    createFrontListener({
      door: () => serving.door,
      routes: (incoming, outgoing) => void routes(incoming, outgoing),
      onAdmitted: (incoming) => admitted.add(incoming),
    }),
  );
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;

  try {
    await listen(server, config.port, config.host);
  } catch (error) {
    throw listenError(error, config.port, config.host);
  }
  const follower = eventLog === undefined ? undefined : createEventFollower({ eventLog, bus: events });
  const { port } = server.address() as AddressInfo;
  const webOrigins = createWebOrigins(config, port);
  const limits = createLimits({
    now: config.now,
    factor: config.limits,
    heartbeatSeconds: config.heartbeatSeconds,
    viaBytesPerSecond: config.viaBytesPerSecond,
  });
  limitConnections(server, { config, limits, metrics });
  const beside = await startBeside(server, {
    config,
    registry,
    index: store.index,
    limits,
    metrics,
    webOrigins,
  });
  const { gateway, relay } = beside;
  serving.relay = relay;
  const services: Services = {
    config,
    store,
    registry,
    reports,
    webOrigins,
    events,
    bodies: createBodyReader({ onBulk }),
    manifests: createManifests(),
    limits,
    metrics,
    health,
    via: createViaEndpoints({
      config,
      port: gateway?.port,
      isAttached: relay?.isAttached,
    }),
    relay:
      relay === undefined && config.relayUrl === undefined
        ? undefined
        : createRelayUrls({ config, port: relay?.port }),
  };
  serving.app = createApp(services);
  serving.door = createHeartbeatDoor(services);

  let ticking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    ticking = ticking
      .then(() => registry.tick())
      .then(() => reports.tick())
      .then(() => health.upkept())
      .catch((error: unknown) => {
        // A store that is away is back some time, and says so itself; a restart wouldn't help.
        if (error instanceof PanalError && error.code === "busy") health.upkept();
        else config.log.error({ error }, "upkeep failed");
      });
  }, TICK_MS);

  config.log.info({ port }, "ready");
  const urls = addressesOf(config).map((address) => `http://${urlHost(address)}:${port}`);
  let closing: Promise<void> | undefined;
  return {
    url: urls[0]!,
    urls: config.publicUrl === undefined ? urls : [...urls, config.publicUrl],
    port,
    viaPort: gateway?.port,
    relayPort: relay?.port,
    close() {
      closing ??= (async () => {
        config.log.info("stopping");
        health.stop();
        clearInterval(timer);
        events.close();
        await relay?.close();
        await Promise.all([closeServer(server), gateway?.close()]);
        await ticking;
        await reachability.close();
        await registry.close();
        await follower?.close();
        await opened.close();
        config.log.info("stopped");
      })();
      return closing;
    },
  };
}

/** A tracker whose relay or gateway can't start doesn't, either. */
async function startBeside(
  server: Server,
  options: StartRelayOptions & Pick<StartGatewayOptions, "index"> & { registry: Registry },
): Promise<{ gateway: RunningGateway | undefined; relay: RunningRelay | undefined }> {
  let relay: RunningRelay | undefined;
  try {
    relay = await startRelay(options);
    const waysBefore = relay === undefined ? [] : [relay.way];
    const gateway = await startGateway({ ...options, live: options.registry, waysBefore });
    return { gateway, relay };
  } catch (error) {
    await Promise.all([closeServer(server), relay?.close()]);
    throw error;
  }
}

/** Where it can be reached, this machine's own way first. */
function addressesOf({ host, interfaceAddresses }: TrackerConfig): string[] {
  if (host !== undefined && !isUnspecifiedAddress(host)) return [host];
  return ["localhost", ...interfaceAddresses().filter((address) => !isLoopbackHost(address))];
}

async function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  if (host === undefined) server.listen(port);
  else server.listen(port, host);
  await once(server, "listening");
}

function listenError(error: unknown, port: number, host: string | undefined): PanalError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const known = PanalError.from(error);
  switch (code) {
    case "EADDRINUSE":
      return new PanalError(
        "conflict",
        `port ${port} is taken by another program: stop that, or choose another port with --port`,
        { cause: error },
      );
    case "EACCES":
      return new PanalError(
        "no-permission",
        `port ${port} needs more rights: choose one above 1023 with --port`,
        {
          cause: error,
        },
      );
    case "EADDRNOTAVAIL":
      return new PanalError("invalid", `--host: ${host}: no address of this machine`, { cause: error });
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new PanalError("invalid", `--host: ${host}: ${known.message}`, { cause: error });
    default:
      return known;
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  // A connection whose answer has just ended is idle only now, and would be kept alive.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  const last = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(last);
}
