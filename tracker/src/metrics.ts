import { Counter, Gauge, Histogram, Registry as MetricsRegistry, collectDefaultMetrics } from "prom-client";
import type { EventBus, TrackerEvent } from "./events.ts";
import type { LimitName } from "./limits.ts";
import type { Registry } from "./registry.ts";
import type { ReachFinding, Store } from "./store/store.ts";

/** A heartbeat takes under a millisecond, a search a few, a long list seconds. */
const LATENCY_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
/** Whatever else a client calls a method counts as one. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** A request that the gateway passed on. */
export interface PassedRequest {
  /** The way to the peer; "content" for a file from all who have it, "none" when none was found. */
  readonly route: "gateway" | "relay" | "content" | "none";
  readonly kind: "files" | "call" | "content";
  readonly status: number;
}

export interface AnsweredRequest {
  readonly method: string;
  /** The pattern, never the path: each value is kept for ever. Undefined when no route took it. */
  readonly route: string | undefined;
  readonly status: number;
  readonly seconds: number;
}

/** What the tracker counts and measures, for Prometheus. */
export interface Metrics {
  countRequest(request: AnsweredRequest): void;
  countEvent(type: TrackerEvent["type"]): void;
  countRefusal(limit: LimitName): void;
  countCheck(reachable: ReachFinding["reachable"]): void;
  countPass(request: PassedRequest): void;
  /** Of file data and calls; `direction`: to the client, or to the peer. */
  countPassedBytes(route: PassedRequest["route"], direction: "down" | "up", bytes: number): void;
  /** What attached peers pushed to the relay. */
  countPushedBytes(bytes: number): void;
  /** So many more peers, or fewer, are attached to the relay. */
  changeAttached(by: 1 | -1): void;
  /** So many more requests, or fewer, are being passed on. */
  changePasses(by: 1 | -1): void;
  /** All of it, in Prometheus' text format; asks the store. */
  text(): Promise<{ contentType: string; body: string }>;
}

export interface MetricsOptions {
  store: Pick<Store, "measure">;
  registry: Pick<Registry, "everything">;
  events: Pick<EventBus, "listenerCount">;
  /** Also memory, processor time, and how long the event loop was held up: one for each process only. */
  isOfProcess?: boolean;
}

export function createMetrics({ store, registry, events, isOfProcess = false }: MetricsOptions): Metrics {
  const register = new MetricsRegistry();
  const registers = [register];
  if (isOfProcess) collectDefaultMetrics({ register });

  const requests = new Counter({
    name: "panal_http_requests_total",
    help: "Requests answered",
    labelNames: ["method", "route", "status"],
    registers,
  });
  const latency = new Histogram({
    name: "panal_http_request_duration_seconds",
    help: "From a request's headers to its answer's",
    labelNames: ["method", "route"],
    buckets: LATENCY_BUCKETS_SECONDS,
    registers,
  });
  const eventCount = new Counter({
    name: "panal_events_total",
    help: "Peers that came, changed or went",
    labelNames: ["type"],
    registers,
  });
  const refusals = new Counter({
    name: "panal_refused_total",
    help: "Requests refused since an address or a lease did too much",
    labelNames: ["limit"],
    registers,
  });
  const checks = new Counter({
    name: "panal_peer_checks_total",
    help: "Peers that were called where they say they are",
    labelNames: ["reachable"],
    registers,
  });
  const passes = new Counter({
    name: "panal_via_requests_total",
    help: "Requests that the gateway passed on to peers",
    labelNames: ["route", "kind", "status"],
    registers,
  });
  const passedBytes = new Counter({
    name: "panal_via_bytes_total",
    help: "Bytes of their bodies: down to clients, up to peers",
    labelNames: ["route", "direction"],
    registers,
  });
  const openPasses = gauge("panal_via_open", "Requests that the gateway is passing on");
  const pushedBytes = new Counter({
    name: "panal_relay_pushed_bytes_total",
    help: "Bytes of answers that attached peers pushed to the relay",
    registers,
  });
  const attached = gauge("panal_relay_peers", "Peers that are attached to the relay");
  const listeners = gauge("panal_event_listeners", "Open event streams");
  const peers = gauge("panal_peers", "Live peers");
  const entries = gauge("panal_files", "Files that live peers announce, one for each peer that has it");
  const size = gauge("panal_store_size_bytes", "The database, with what of it is free");
  const isUp = gauge("panal_store_up", "1 when the database answers");

  function gauge(name: string, help: string): Gauge {
    return new Gauge({ name, help, registers });
  }

  /** A store that doesn't answer is news for whoever watches, not a reason to tell nothing. */
  async function measureStore(): Promise<void> {
    try {
      const measured = await store.measure(registry.everything());
      peers.set(measured.peers);
      entries.set(measured.entries);
      size.set(measured.sizeBytes);
      isUp.set(1);
    } catch {
      isUp.set(0);
    }
  }

  return {
    countRequest({ method, route = "none", status, seconds }) {
      const labels = { method: METHODS.has(method) ? method : "other", route };
      requests.inc({ ...labels, status });
      latency.observe(labels, seconds);
    },
    countEvent(type) {
      eventCount.inc({ type });
    },
    countRefusal(limit) {
      refusals.inc({ limit });
    },
    countCheck(reachable) {
      checks.inc({ reachable });
    },
    countPass(request) {
      passes.inc({ ...request });
    },
    countPassedBytes(route, direction, bytes) {
      passedBytes.inc({ route, direction }, bytes);
    },
    countPushedBytes(bytes) {
      pushedBytes.inc(bytes);
    },
    changeAttached(by) {
      attached.inc(by);
    },
    changePasses(by) {
      openPasses.inc(by);
    },
    async text() {
      listeners.set(events.listenerCount);
      await measureStore();
      return { contentType: register.contentType, body: await register.metrics() };
    },
  };
}
