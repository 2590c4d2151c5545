import type { Clock } from "@panal/sdk";
import { createApp } from "../app.ts";
import { createBodyReader } from "../body.ts";
import { createChallenges } from "../challenges.ts";
import { type TrackerOptions, parseConfig } from "../config.ts";
import type { App, Services } from "../context.ts";
import { createEventFollower } from "../event-follower.ts";
import { type EventBus, type TrackerEvent, createEventBus } from "../events.ts";
import { createViaEndpoints } from "../gateway/via-endpoints.ts";
import { type HealthState, createHealthState } from "../health-state.ts";
import { createLimits } from "../limits.ts";
import { logEvent } from "../log-event.ts";
import { type ManifestsOptions, createManifests } from "../manifests.ts";
import { createMetrics } from "../metrics.ts";
import type { PeerNetwork } from "../peer-network.ts";
import type { Registry } from "../registry.ts";
import { createRelayUrls } from "../relay/relay-urls.ts";
import { createSqliteStore } from "../store/sqlite.ts";
import type { SharedStore } from "../store/postgres.ts";
import type { Store } from "../store/store.ts";
import { trackPeers } from "../track-peers.ts";
import { createWebOrigins } from "../web-origins.ts";

const HEARTBEAT_SECONDS = 10;
/** After this without a heartbeat nobody sees a peer any more. */
export const ALIVE_MS = 25_000;

export interface Call {
  method?: string;
  /** Sent as JSON; a string or bytes as they are. */
  body?: unknown;
  lease?: string;
  headers?: Record<string, string>;
  /** Where the connection comes from; default loopback. */
  from?: string;
}

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed when it is JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- each test knows what it asks for
  body: any;
}

export interface TestTracker {
  readonly app: App;
  /** What its routes work with. */
  readonly services: Services;
  readonly store: Store;
  readonly bus: EventBus;
  readonly registry: Registry;
  readonly events: TrackerEvent[];
  readonly health: HealthState;
  readonly log: string[];
  /** Milliseconds since 1970 by the tracker's clock. */
  now(): number;
  /** Lets time pass, and what is due happen. */
  pass(ms: number): Promise<void>;
  call(path: string, call?: Call): Promise<Answer>;
  /** Registers; throws unless that works. */
  register(
    port: number,
    options?: { from?: string; name?: string },
  ): Promise<{ peerId: string; lease: string }>;
  close(): Promise<void>;
}

type TestTrackerOptions = TrackerOptions &
  Pick<ManifestsOptions, "createSource"> & {
    store?: Store;
    /** A store that other trackers use, too: made with the clock of this one. */
    share?: (now: () => number) => SharedStore;
    startAt?: number;
  };

const noNetwork: PeerNetwork = {
  resolve: () => Promise.reject(new Error("no network in tests")),
  get: () => Promise.reject(new Error("no network in tests")),
};
/** The log is read when the test lets time pass, and not by itself. */
const noClock: Clock = {
  now: () => 0,
  sleep: (_ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) resolve();
      else signal?.addEventListener("abort", () => resolve());
    }),
};
const unreachable = () => ({ manifest: () => Promise.reject(new Error("no network in tests")) });

/** A tracker without sockets, with a clock that stands still. */
export function createTestTracker({
  createSource = unreachable,
  share,
  ...options
}: TestTrackerOptions = {}): TestTracker {
  let time = options.startAt ?? Date.UTC(2026, 0, 1);
  const log: string[] = [];
  const config = parseConfig({
    heartbeatSeconds: HEARTBEAT_SECONDS,
    webDir: "/nowhere",
    now: () => time,
    logLevel: "warn",
    log: (line) => log.push(line),
    interfaceAddresses: () => ["127.0.0.1", "192.168.1.5"],
    peerNetwork: noNetwork,
    ...options,
  });
  const shared = share?.(config.now);
  const store = shared?.store ?? options.store ?? createSqliteStore(":memory:");
  const now = shared?.now ?? config.now;
  const bus = createEventBus({ readLog: () => follower?.read() ?? Promise.resolve() });
  const follower =
    shared &&
    createEventFollower({
      eventLog: { ...shared.eventLog, listen: () => async () => {} },
      bus,
      clock: noClock,
    });
  const events: TrackerEvent[] = [];
  const { registry, reachability, reports } = trackPeers({
    config,
    store,
    now,
    challenges: shared?.challenges ?? createChallenges(config.now),
    countCheck: (reachable) => metrics.countCheck(reachable),
    emit(event) {
      events.push(event);
      metrics.countEvent(event.type);
      logEvent(config.log, event);
      if (follower === undefined) bus.emit(event);
    },
  });
  const metrics = createMetrics({ store, registry, events: bus });
  const health = createHealthState(config.now);
  const services: Services = {
    config,
    store,
    registry,
    reports,
    webOrigins: createWebOrigins(config, 7070),
    events: bus,
    bodies: createBodyReader(),
    manifests: createManifests({ createSource }),
    limits: createLimits({
      now: config.now,
      factor: config.limits,
      heartbeatSeconds: config.heartbeatSeconds,
      viaBytesPerSecond: config.viaBytesPerSecond,
    }),
    metrics,
    health,
    // With no listener, one has to be said to be somewhere.
    via: options.viaUrl === undefined ? undefined : createViaEndpoints({ config, port: undefined }),
    relay: options.relayUrl === undefined ? undefined : createRelayUrls({ config, port: 0 }),
  };
  const app = createApp(services);

  const tracker: TestTracker = {
    app,
    services,
    store,
    bus,
    registry,
    events,
    health,
    log,
    now,
    async pass(ms) {
      time += ms;
      await store.ping();
      await registry.tick();
      await reports.tick();
      health.upkept();
      await reachability.settled();
      await follower?.read();
    },
    async call(path, { method, body, lease, headers = {}, from = "127.0.0.1" } = {}) {
      const isRaw = typeof body === "string" || body instanceof Uint8Array;
      const response = await app.request(
        `http://localhost:7070${path}`,
        {
          method: method ?? (body === undefined ? "GET" : "POST"),
          headers: {
            ...(lease === undefined ? {} : { authorization: `Bearer ${lease}` }),
            ...(body === undefined || isRaw ? {} : { "content-type": "application/json" }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
        },
        { remoteAddress: from },
      );
      const text = await response.text();
      const isJson = /json/.test(response.headers.get("content-type") ?? "");
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
    },
    async register(port, { from = "127.0.0.1", name = `peer at ${port}` } = {}) {
      const answer = await tracker.call("/api/v1/peers", { body: { name, port }, from });
      if (answer.status !== 201) throw new Error(`register: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body as { peerId: string; lease: string };
    },
    async close() {
      bus.close();
      await reachability.close();
      await registry.close();
      await follower?.close();
      await store.close();
    },
  };
  return tracker;
}
