import { PanalError } from "@panal/sdk";
import { listen } from "@panal/sdk/node";
import type { PeerAnswer, PeerRequest } from "../gateway/peer-way.ts";
import { createLimits } from "../limits.ts";
import { type AttachedPeers, createAttachedPeers } from "../relay/attached-peers.ts";
import { createRelayServer } from "../relay/relay-server.ts";
import type { PeerRecord } from "../store/store.ts";
import { APP_ORIGIN } from "./test-gateway.ts";

/** By peer: its lease. */
const LEASES = new Map([
  ["peer-of-tests", "lease-of-tests"],
  ["another-peer", "lease-of-another"],
]);
export const PEER = { peerId: "peer-of-tests", lease: "lease-of-tests" };
export const OTHER = { peerId: "another-peer", lease: "lease-of-another" };

interface Timer {
  readonly ms: number;
  readonly then: () => void;
}

export interface TestRelay {
  readonly url: string;
  readonly peers: AttachedPeers;
  /** Peers that didn't come back. */
  readonly gone: string[];
  /** Sends a client's request to a peer. */
  ask(request?: Partial<PeerRequest>): Promise<PeerAnswer>;
  /** Fires all timers of exactly this length. */
  elapse(ms: number): void;
  close(): Promise<void>;
}

/** A relay on a socket, whose timers fire when the test says so. */
export async function startTestRelay(): Promise<TestRelay> {
  const timers = new Set<Timer>();
  const gone: string[] = [];
  const wait = (ms: number, then: () => void) => {
    const timer = { ms, then };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const peers = createAttachedPeers({ now: () => 0, wait, onGone: (peerId) => gone.push(peerId) });
  const listening = await listen({
    host: "127.0.0.1",
    port: 0,
    requestTimeoutMs: 0,
    handler: createRelayServer({
      peers,
      registry: {
        async authorize(peerId, lease) {
          if (lease === undefined) throw new PanalError("unauthorized", "no lease");
          if (LEASES.get(peerId) === lease) return { peerId } as PeerRecord;
          const isKnown = [...LEASES.values()].includes(lease);
          throw new PanalError(isKnown ? "forbidden" : "unauthorized", "not your lease");
        },
        async byLease(lease) {
          const [peerId] = [...LEASES].find(([, known]) => known === lease) ?? [];
          if (peerId === undefined) throw new PanalError("unauthorized", "nobody has this lease");
          return { peerId } as PeerRecord;
        },
        async attached() {},
      },
      origins: new Set([APP_ORIGIN]),
      acceptsHost: (host) => host.startsWith("127.0.0.1"),
      callers: { trustedProxies: new Set(), ownAddresses: () => new Set() },
      limits: createLimits({ now: () => 0, factor: 1, heartbeatSeconds: 10, viaBytesPerSecond: 1e9 }),
      metrics: { countRefusal() {}, countPushedBytes() {} },
      log: { error: (fields: unknown) => Promise.reject(new Error(JSON.stringify(fields))) } as never,
      wait,
    }),
  });
  return {
    url: `http://127.0.0.1:${listening.port}`,
    peers,
    gone,
    ask: (request = {}) =>
      peers.way.send({
        peerId: PEER.peerId,
        method: "GET",
        path: "/files/a",
        headers: {},
        body: undefined,
        signal: new AbortController().signal,
        ...request,
      }),
    elapse(ms) {
      for (const timer of [...timers]) if (timer.ms === ms && timers.delete(timer)) timer.then();
    },
    async close() {
      peers.close();
      await listening.close(0);
    },
  };
}
