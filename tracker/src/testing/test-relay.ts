import {
  type AttachOptions,
  type AttachState,
  type Attachment,
  PanalError,
  type PullAnswer,
  attach,
} from "@panal/sdk";
import { createRelayTransport, listen } from "@panal/sdk/node";
import type { StreamedAnswer, PeerRequest } from "../gateway/peer-way.ts";
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
  readonly fire: () => void;
}

export interface TestRelay {
  readonly url: string;
  readonly peers: AttachedPeers;
  /** Peers that didn't come back. */
  readonly gone: string[];
  /** Limits that were met. */
  readonly refused: string[];
  readonly pushedBytes: number;
  /** A peer as the SDK attaches it; settles when it is. Ends with the relay. */
  attach(
    serve: AttachOptions["serve"],
    options?: { identity?: typeof PEER; onState?: (state: AttachState) => void },
  ): Promise<Attachment>;
  /** Attach over bare Connect with JSON; gives the stream. */
  attachRaw(message: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Sends a client's request to a peer. */
  ask(request?: Partial<PeerRequest>): Promise<StreamedAnswer>;
  /** Fires all timers of exactly this length. */
  elapse(ms: number): void;
  close(): Promise<void>;
}

/** A relay on a socket, whose timers fire when the test says so. */
export async function startTestRelay({ limitsFactor = 1 } = {}): Promise<TestRelay> {
  const timers = new Set<Timer>();
  const gone: string[] = [];
  const refused: string[] = [];
  let pushedBytes = 0;
  const wait = (ms: number, then: () => void) => {
    const timer = { ms, fire: then };
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
      limits: createLimits({
        now: () => 0,
        factor: limitsFactor,
        heartbeatSeconds: 10,
        viaBytesPerSecond: 1e9,
      }),
      metrics: {
        countRefusal: (limit) => refused.push(limit),
        countPushedBytes: (bytes) => (pushedBytes += bytes),
      },
      log: { error: (fields: unknown) => Promise.reject(new Error(JSON.stringify(fields))) } as never,
      wait,
    }),
  });
  const url = `http://127.0.0.1:${listening.port}`;
  const attachments: Attachment[] = [];
  return {
    url,
    peers,
    gone,
    refused,
    get pushedBytes() {
      return pushedBytes;
    },
    async attach(serve, { identity = PEER, onState } = {}) {
      const attached = Promise.withResolvers<void>();
      const attachment = attach({
        relayUrl: url,
        identity: () => identity,
        serve,
        transport: createRelayTransport(url),
        onState(state) {
          if (state.type === "attached") attached.resolve();
          onState?.(state);
        },
      });
      attachments.push(attachment);
      await attached.promise;
      return attachment;
    },
    attachRaw: (message, headers = {}) =>
      fetch(`${url}/panal.v1.RelayService/Attach`, {
        method: "POST",
        headers: { "content-type": "application/connect+json", "connect-protocol-version": "1", ...headers },
        body: envelope(message),
      }),
    ask: (request = {}) =>
      peers.way.send({
        peer: { peerId: PEER.peerId } as PeerRecord,
        method: "GET",
        path: "/files/a",
        headers: {},
        client: "192.0.2.1",
        body: undefined,
        signal: new AbortController().signal,
        ...request,
      }),
    elapse(ms) {
      // Those that are set meanwhile are for another time.
      for (const timer of Array.from(timers).filter((each) => each.ms === ms)) {
        if (timers.delete(timer)) timer.fire();
      }
    },
    async close() {
      await Promise.all(attachments.map((attachment) => attachment.close()));
      peers.close();
      await listening.close(0);
    },
  };
}

export const sampleBytes = (length: number) => Buffer.from(Array.from({ length }, (_, at) => at % 251));

export async function* chunksOf(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** Answers everything with this. */
export const fileOf = (body: Buffer) => async (): Promise<PullAnswer> => ({
  status: 200,
  headers: { "content-length": String(body.length) },
  body: chunksOf(body),
});

/** The same as a peer has it under this id: any part of it, when that is asked for. */
export const sharedFile =
  (fileId: string, file: Buffer): AttachOptions["serve"] =>
  async ({ path, headers }) => {
    const [, first = "", last = ""] = /^bytes=(\d+)-(\d+)$/.exec(headers["range"] ?? "") ?? [];
    if (path !== `/files/${fileId}` || first === "") throw new PanalError("not-found", "no such file");
    const body = file.subarray(Number(first), Number(last) + 1);
    return {
      status: 206,
      headers: {
        "content-length": String(body.length),
        "content-range": `bytes ${first}-${last}/${file.length}`,
      },
      body: chunksOf(body),
    };
  };

function envelope(message: unknown): Uint8Array<ArrayBuffer> {
  const json = Buffer.from(JSON.stringify(message));
  const framed = new Uint8Array(5 + json.length);
  new DataView(framed.buffer).setUint32(1, json.length);
  framed.set(json, 5);
  return framed;
}
