import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer as createHttpServer } from "node:http";
import { type ServerHttp2Session, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, type Socket, createServer as createNetServer } from "node:net";
import type { Duplex } from "node:stream";
import { type TLSSocket, createServer as createTlsServer } from "node:tls";
import { PanalError } from "../errors.ts";
import { clientOf } from "./client-of.ts";
import { sniff } from "./sniff.ts";

const MAX_CONNECTIONS = 1024;
/** Of these one client, as `clientOf` counts them, may have so many: others are to find a free one, whatever it does. */
const MAX_CONNECTIONS_OF_CLIENT = 512;
/** For the head of a request; file data has no limit of time. */
const HEADERS_TIMEOUT_MS = 15_000;
/** For a request with its body: a peer's are at most 64 KiB. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Browsers and our own clients come back within this. */
const KEEP_ALIVE_MS = 30_000;
const MAX_HEADER_BYTES = 16 * 1024;
/** An HTTP/2 connection, or one of its streams, on which nothing moves. */
const HTTP2_IDLE_MS = 5 * 60_000;
const MAX_HTTP2_STREAMS = 100;
/**
 * What a client may have on its way to us: the default of 64 KiB lets 6 MB/s through at 10 ms of round trip. One stream may
 * use all of it. How fast file data goes out is up to the client's windows.
 */
const HTTP2_WINDOW_BYTES = 4 * 1024 * 1024;
/** File data waiting to be taken counts as memory of its session; the default of 10 would cut off downloads. */
const HTTP2_SESSION_MEMORY_MIB = 128;

export interface ListenOptions {
  /** Undefined: all interfaces. */
  host: string | undefined;
  /** 0: the system chooses. */
  port: number;
  handler: (request: IncomingMessage, response: ServerResponse) => void;
  /** Connections one client may have; default 512 of 1024. */
  maxConnectionsOfClient?: number;
  /** For a request over HTTP/1.1 with its body; default 30 s, 0: none, for a handler that watches bodies itself. */
  requestTimeoutMs?: number;
  /**
   * Asked about each connection that speaks HTTP/1.1 without TLS, whose first bytes are there to be read: true when it is taken. What
   * comes over it goes to `handle`; `goOn` gives the connection, or what stands for it, back.
   */
  takeConnection?: (
    socket: Socket,
    server: { handle: ListenOptions["handler"]; goOn: (connection: Duplex) => void },
  ) => boolean;
  /** PEM; with it the port also speaks TLS. */
  tls?: { cert: string | Buffer; key: string | Buffer } | undefined;
}

export interface Listening {
  /** What it is bound to: an IP address, "::" for all interfaces. */
  readonly address: string;
  readonly port: number;
  /** Stops accepting, lets answers under way end for at most `drainMs`, then cuts what is left. */
  close(drainMs: number): Promise<void>;
}

/**
 * One port for everything: TLS, HTTP/2 without TLS (gRPC) and HTTP/1.1, told apart by their first bytes. Throws
 * "conflict" naming the port when it is taken.
 */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { host, port, handler, tls } = options;
  const { maxConnectionsOfClient = MAX_CONNECTIONS_OF_CLIENT, requestTimeoutMs = REQUEST_TIMEOUT_MS } =
    options;
  const sockets = new Set<Socket>();
  const connectionsOf = new Map<string, number>();
  const sessions = new Set<ServerHttp2Session>();
  const exchanges = new Set<ServerResponse>();
  let drained: (() => void) | undefined;

  const handle = (request: IncomingMessage, response: ServerResponse) => {
    exchanges.add(response);
    response.once("close", () => {
      exchanges.delete(response);
      if (exchanges.size === 0) drained?.();
    });
    handler(request, response);
  };

  const http1 = createHttpServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      noDelay: true,
    },
    handle,
  );
  // A server that only ever gets connections handed checks no timeouts until it believes that it listens.
  http1.emit("listening");

  const http2 = createHttp2Server({
    maxSessionMemory: HTTP2_SESSION_MEMORY_MIB,
    maxHeaderListPairs: 64,
    settings: {
      maxConcurrentStreams: MAX_HTTP2_STREAMS,
      maxHeaderListSize: MAX_HEADER_BYTES,
      initialWindowSize: HTTP2_WINDOW_BYTES,
    },
  });
  // The compatibility classes have what we use of the HTTP/1.1 ones.
  http2.on("request", (request, response) => {
    request.stream.setTimeout(HTTP2_IDLE_MS, () => request.stream.close());
    handle(request as unknown as IncomingMessage, response as unknown as ServerResponse);
  });
  http2.on("session", (session) => {
    sessions.add(session);
    // The setting is for each stream; this is for the connection they share.
    session.setLocalWindowSize(HTTP2_WINDOW_BYTES);
    session.setTimeout(HTTP2_IDLE_MS, () => session.close());
    session.once("close", () => sessions.delete(session));
    session.on("error", () => {});
  });
  http2.on("sessionError", () => {});

  const secure =
    tls &&
    createTlsServer(
      { ...tls, ALPNProtocols: ["h2", "http/1.1"], minVersion: "TLSv1.2" },
      (socket: TLSSocket) => {
        socket.on("error", () => {});
        (socket.alpnProtocol === "h2" ? http2 : http1).emit("connection", socket);
      },
    );
  secure?.on("tlsClientError", (_error, socket) => socket.destroy());

  const stock = { handle, goOn: (connection: Duplex) => void http1.emit("connection", connection) };
  const server = createNetServer({ noDelay: true }, (socket) => {
    socket.on("error", () => {});
    const client = clientOf(socket.remoteAddress);
    const others = connectionsOf.get(client) ?? 0;
    if (others >= maxConnectionsOfClient) return void socket.destroy();
    connectionsOf.set(client, others + 1);
    sockets.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      const left = connectionsOf.get(client)! - 1;
      if (left === 0) connectionsOf.delete(client);
      else connectionsOf.set(client, left);
    });
    sniff(socket, (speech) => {
      switch (speech) {
        case "tls":
          if (secure === undefined) socket.destroy();
          else secure.emit("connection", socket);
          break;
        case "http2":
          http2.emit("connection", socket);
          break;
        case "http1":
          if (options.takeConnection?.(socket, stock) !== true) http1.emit("connection", socket);
      }
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  await start(server, { host, port });

  const { address, port: boundPort } = server.address() as AddressInfo;
  return {
    address,
    port: boundPort,
    async close(drainMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of sessions) session.close();
      http1.closeIdleConnections();
      if (exchanges.size > 0) {
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          drained = resolve;
          timer = setTimeout(resolve, drainMs);
        });
        clearTimeout(timer);
      }
      // Ends the timer that looks for slow clients; it was never really listening.
      http1.close(() => {});
      // A session closes once the ends of its streams are out: cut before that, clients miss how their calls ended.
      await settledWithin(
        LEAVE_MS,
        [...sessions].map((session) => once(session, "close")),
      );
      await endAll(sockets);
      await closed;
    },
  };
}

function start(
  server: ReturnType<typeof createNetServer>,
  { host, port }: { host: string | undefined; port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const known = PanalError.from(error);
      const isTaken = "code" in error && error.code === "EADDRINUSE";
      reject(
        isTaken
          ? new PanalError("conflict", `port ${port} is taken; choose another one with --port`, {
              cause: error,
            })
          : new PanalError(known.code, `can't listen at ${host ?? "*"} port ${port}: ${known.message}`, {
              cause: error,
            }),
      );
    });
    server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
  });
}

/** What has been written gets a moment to leave before a connection is cut. */
const LEAVE_MS = 500;

async function endAll(sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.end();
  await settledWithin(
    LEAVE_MS,
    [...sockets].map((socket) => once(socket, "close")),
  );
  for (const socket of sockets) socket.destroy();
}

async function settledWithin(ms: number, ends: readonly Promise<unknown>[]): Promise<void> {
  if (ends.length === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([Promise.allSettled(ends), late]);
  clearTimeout(timer);
}
