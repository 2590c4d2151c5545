import { once } from "node:events";
import { type RequestListener, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PanalError } from "@panal/sdk";
import { listen } from "@panal/sdk/node";
import type { Metrics, PassedRequest } from "../metrics.ts";
import type { ContentDoor } from "../gateway/content-door.ts";
import { createDialledWay } from "../gateway/dialled-way.ts";
import { createGateway } from "../gateway/gateway.ts";
import { createLimits } from "../limits.ts";
import type { PeerRecord } from "../store/store.ts";

export const PEER_ID = "peer-of-tests";
/** The one whose pages may use it. */
export const APP_ORIGIN = "http://app.example:7070";

export interface TestGateway {
  readonly port: number;
  readonly url: string;
  readonly passed: PassedRequest[];
  readonly passedBytes: { up: number; down: number };
  close(): Promise<void>;
}

/** A gateway on a socket, in front of one peer that answers whatever the test wants. */
export async function startTestGateway(
  peer: RequestListener,
  content: ContentDoor = () => Promise.reject(new Error("not asked for")),
): Promise<TestGateway> {
  const server = createServer(peer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const peerPort = (server.address() as AddressInfo).port;
  const passed: PassedRequest[] = [];
  const passedBytes = { up: 0, down: 0 };
  const way = createDialledWay({
    of: async () => ({ url: `http://peer.invalid:${peerPort}`, address: "127.0.0.1" }),
    forget() {},
  });
  const listening = await listen({
    host: "127.0.0.1",
    port: 0,
    requestTimeoutMs: 0,
    handler: createGateway({
      ways: [way],
      live: {
        async visiblePeer(peerId) {
          if (peerId === PEER_ID) return { peerId } as PeerRecord;
          throw new PanalError("not-found", "nobody");
        },
      },
      content,
      origins: new Set([APP_ORIGIN]),
      acceptsHost: (host) => host.startsWith("127.0.0.1"),
      callers: { trustedProxies: new Set(), ownAddresses: () => new Set() },
      limits: createLimits({
        now: () => 0,
        factor: 1,
        heartbeatSeconds: 10,
        viaBytesPerSecond: 64 * 1024 * 1024,
      }),
      metrics: {
        ...NO_METRICS,
        countPass: (request) => passed.push(request),
        countPassedBytes: (_route, direction, bytes) => (passedBytes[direction] += bytes),
      },
      log: { error: (fields: unknown) => Promise.reject(new Error(JSON.stringify(fields))) } as never,
    }),
  });
  return {
    port: listening.port,
    url: `http://127.0.0.1:${listening.port}`,
    passed,
    passedBytes,
    async close() {
      await listening.close(0);
      way.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

const NO_METRICS = {
  changePasses() {},
  countRefusal() {},
} satisfies Partial<Metrics>;
