import { validateHeaderValue } from "node:http";
import { PanalError } from "../errors.ts";
import type { ByteRequest, ByteResponse, ByteTransport } from "../rpc/byte-transport.ts";
import { createIdleConnections } from "./idle-connections.ts";
import { type Http1Answer, type Http1Connection, openHttp1Connection } from "./http1-connection.ts";

const CONNECT_TIMEOUT_MS = 5_000;
/** A peer has this long for the head of its answer. Stalls after that are the engine's business. */
const HEAD_TIMEOUT_MS = 15_000;
/** Connections that wait for the next run: less than servers wait for the next request. */
const IDLE_MS = 4_000;
const MAX_IDLE_PER_ORIGIN = 4;

export interface NodeByteTransportOptions {
  /** For the head of an answer. */
  readonly headTimeoutMs?: number;
  /** Connections that wait for the next request, for so long, and how many to one origin. */
  readonly idleMs?: number;
  readonly maxIdlePerOrigin?: number;
}

export interface NodeByteResponse extends ByteResponse {
  /** By lower-case name; of a repeated one the first. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface NodeByteTransport {
  /** A header "host" goes in place of the URL's. */
  (request: ByteRequest): Promise<NodeByteResponse>;
  /** Ends the connections nobody uses. */
  close(): void;
}

/**
 * HTTP/1.1 on a bare socket, so that file data is received straight into its place: through any HTTP client of Node it
 * costs three times as much. Redirects aren't followed.
 */
export function createNodeByteTransport({
  headTimeoutMs = HEAD_TIMEOUT_MS,
  idleMs = IDLE_MS,
  maxIdlePerOrigin = MAX_IDLE_PER_ORIGIN,
}: NodeByteTransportOptions = {}): NodeByteTransport {
  const idle = createIdleConnections({ idleMs, maxIdlePerOrigin });

  async function transport(request: ByteRequest): Promise<NodeByteResponse> {
    const url = new URL(request.url);
    const { signal } = request;
    if (signal.aborted) throw PanalError.from(signal.reason, "aborted");
    const exchange = { bytes: await bytesOf(request, url), url, signal, headTimeoutMs };
    const kept = idle.take(url.origin);
    if (kept !== undefined) {
      try {
        return await send(kept, exchange);
      } catch (error) {
        // The other side may close a connection just when it is to be used again.
        if (signal.aborted || PanalError.from(error).code !== "unreachable") throw named(error, url);
      }
    }
    const opened: Http1Connection = openHttp1Connection(url, {
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      onIdle: () => idle.keep(url.origin, opened),
    });
    try {
      return await send(opened, exchange);
    } catch (error) {
      throw named(error, url);
    }
  }

  return Object.assign(transport, { close: idle.close });
}

/** The one of all downloads here. */
export const nodeByteTransport: ByteTransport = createNodeByteTransport();

interface Exchange {
  readonly bytes: readonly Uint8Array[];
  readonly url: URL;
  readonly signal: AbortSignal;
  readonly headTimeoutMs: number;
}

async function send(
  connection: Http1Connection,
  { bytes, url, signal, headTimeoutMs }: Exchange,
): Promise<NodeByteResponse> {
  let answer: Http1Answer | undefined;
  const end = (error: PanalError) => {
    if (answer?.isOver !== true) connection.destroy(error);
  };
  const stop = () => end(PanalError.from(signal.reason, "aborted"));
  const late = () =>
    connection.destroy(new PanalError("timeout", `no answer within ${headTimeoutMs / 1000} s`));
  const over = () => signal.removeEventListener("abort", stop);
  signal.addEventListener("abort", stop, { once: true });
  const timer = setTimeout(late, headTimeoutMs);
  let received: Http1Answer;
  try {
    received = await connection.exchange(bytes);
    answer = received;
  } catch (error) {
    over();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return {
    status: received.head.status,
    headers: received.head.headers,
    header: (name) => received.head.headers.get(name),
    async read(reader) {
      try {
        await received.read(reader);
      } catch (error) {
        throw named(error, url);
      } finally {
        over();
      }
    },
    async cancel() {
      over();
      end(new PanalError("aborted", "cancelled"));
    },
  };
}

/** The request as it goes over the wire; what a URL is from has been encoded. */
async function bytesOf(
  { method, headers, body, fileData }: ByteRequest,
  url: URL,
): Promise<readonly Uint8Array[]> {
  const data = fileData instanceof Blob ? new Uint8Array(await fileData.arrayBuffer()) : fileData;
  const parts = [body, data].filter((part) => part !== undefined).filter(({ length }) => length > 0);
  const bodyBytes = parts.reduce((sum, { length }) => sum + length, 0);
  const { host = url.host, ...others } = headers;
  for (const [name, value] of Object.entries(headers)) validateHeaderValue(name, value);
  const lines = [
    `${method} ${url.pathname}${url.search} HTTP/1.1`,
    `host: ${host}`,
    ...Object.entries(others).map(([name, value]) => `${name}: ${value}`),
    ...(method === "POST" ? [`content-length: ${bodyBytes}`] : []),
    "\r\n",
  ];
  const head = Buffer.from(lines.join("\r\n"), "latin1");
  return [head, ...parts];
}

/** With the host in front, for people. */
function named(error: unknown, { host }: URL): PanalError {
  const known = PanalError.from(error, "unreachable");
  if (known.code !== "unreachable" && known.code !== "timeout") return known;
  return new PanalError(known.code, `${host}: ${known.message}`, { cause: error });
}
