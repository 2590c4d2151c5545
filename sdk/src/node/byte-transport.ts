import { PanalError } from "../errors.ts";
import type { ByteRequest, ByteResponse, ByteTransport } from "../rpc/byte-transport.ts";
import { type Http1Answer, type Http1Connection, openHttp1Connection } from "./http1-connection.ts";

const CONNECT_TIMEOUT_MS = 5_000;
/** A peer has this long for the head of its answer. Stalls after that are the engine's business. */
const HEAD_TIMEOUT_MS = 15_000;
/** Connections that wait for the next run: less than servers wait for the next request. */
const IDLE_MS = 4_000;
const MAX_IDLE_PER_ORIGIN = 4;

/** Open connections nobody uses, by origin: a peer's next run needs no new one. */
const idle = new Map<string, Map<Http1Connection, NodeJS.Timeout>>();

/**
 * HTTP/1.1 on a bare socket, so that file data is received straight into its place: through any HTTP client of Node it
 * costs three times as much. Redirects aren't followed.
 */
export const nodeByteTransport: ByteTransport = async (request) => {
  const url = new URL(request.url);
  const { signal } = request;
  if (signal.aborted) throw PanalError.from(signal.reason, "aborted");
  const kept = takeIdle(url.origin);
  if (kept !== undefined) {
    try {
      return await send(kept, request, url);
    } catch (error) {
      // The other side may close a connection just when it is to be used again.
      if (signal.aborted || PanalError.from(error).code !== "unreachable") throw named(error, url);
    }
  }
  const opened: Http1Connection = openHttp1Connection(url, {
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    onIdle: () => keepIdle(url.origin, opened),
  });
  try {
    return await send(opened, request, url);
  } catch (error) {
    throw named(error, url);
  }
};

async function send(connection: Http1Connection, request: ByteRequest, url: URL): Promise<ByteResponse> {
  const { signal } = request;
  const stop = () => connection.destroy(PanalError.from(signal.reason, "aborted"));
  const late = () =>
    connection.destroy(new PanalError("timeout", `no answer within ${HEAD_TIMEOUT_MS / 1000} s`));
  const over = () => signal.removeEventListener("abort", stop);
  signal.addEventListener("abort", stop, { once: true });
  const timer = setTimeout(late, HEAD_TIMEOUT_MS);
  let answer: Http1Answer;
  try {
    answer = await connection.exchange(await bytesOf(request, url));
  } catch (error) {
    over();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return {
    status: answer.head.status,
    header: (name) => answer.head.headers.get(name),
    async read(reader) {
      try {
        await answer.read(reader);
      } catch (error) {
        throw named(error, url);
      } finally {
        over();
      }
    },
    async cancel() {
      over();
      connection.destroy(new PanalError("aborted", "cancelled"));
    },
  };
}

/** The request as it goes over the wire. Values of headers are ours; what may be from outside is in the URL, encoded. */
async function bytesOf(
  { method, headers, body, fileData }: ByteRequest,
  url: URL,
): Promise<readonly Uint8Array[]> {
  const data = fileData instanceof Blob ? new Uint8Array(await fileData.arrayBuffer()) : fileData;
  const parts = [body, data].filter((part) => part !== undefined).filter(({ length }) => length > 0);
  const bodyBytes = parts.reduce((sum, { length }) => sum + length, 0);
  const lines = [
    `${method} ${url.pathname}${url.search} HTTP/1.1`,
    `host: ${url.host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(method === "POST" ? [`content-length: ${bodyBytes}`] : []),
    "\r\n",
  ];
  const head = Buffer.from(lines.join("\r\n"), "latin1");
  return [head, ...parts];
}

function takeIdle(origin: string): Http1Connection | undefined {
  const kept = idle.get(origin);
  for (const [connection, timer] of kept ?? []) {
    forget(origin, connection);
    clearTimeout(timer);
    if (connection.isUsable) return connection;
  }
  return undefined;
}

function keepIdle(origin: string, connection: Http1Connection): void {
  const kept = idle.get(origin) ?? new Map<Http1Connection, NodeJS.Timeout>();
  idle.set(origin, kept);
  const end = () => {
    forget(origin, connection);
    connection.destroy(new PanalError("unreachable", "not needed any more"));
  };
  if (kept.size >= MAX_IDLE_PER_ORIGIN) end();
  else kept.set(connection, setTimeout(end, IDLE_MS).unref());
}

function forget(origin: string, connection: Http1Connection): void {
  const kept = idle.get(origin);
  kept?.delete(connection);
  if (kept?.size === 0) idle.delete(origin);
}

/** With the host in front, for people. */
function named(error: unknown, { host }: URL): PanalError {
  const known = PanalError.from(error, "unreachable");
  if (known.code !== "unreachable" && known.code !== "timeout") return known;
  return new PanalError(known.code, `${host}: ${known.message}`, { cause: error });
}
