import { Agent, type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { Agent as SecureAgent, request as requestHttps } from "node:https";
import { PanalError } from "@panal/sdk";
import { createNodeByteTransport } from "@panal/sdk/node";
import { parseAddress, urlHost } from "../addresses.ts";
import { createChunkMemory } from "./chunk-memory.ts";
import { createLentBody } from "./lent-body.ts";
import type { PeerAnswer, PeerRequest, PeerWay } from "./peer-way.ts";
import type { ProvenEndpoint, ProvenEndpoints } from "./proven-endpoints.ts";
import { isShort, readShort } from "./short-body.ts";
import { DOWNLOAD_CALL } from "./via-target.ts";

/** For a connection, and for the head of an answer: a peer may have to look at what it was sent. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Nothing moves either way for so long: neither the peer nor the client is there any more. */
const IDLE_MS = 2 * 60_000;
const MAX_HEAD_BYTES = 16 * 1024;
/** Connections that wait for the next request, to one peer: less long than peers keep them. */
const KEPT_MS = 10_000;
const MAX_KEPT = 8;

export interface DialledWay extends PeerWay {
  close(): void;
}

/** Calls peers where they proved to be, over HTTP/1.1, and follows no redirect. */
export function createDialledWay(endpoints: ProvenEndpoints): DialledWay {
  const options = { keepAlive: true, maxFreeSockets: MAX_KEPT, timeout: KEPT_MS };
  const agents = { http: new Agent(options), https: new SecureAgent(options) };
  const transport = createNodeByteTransport({
    headTimeoutMs: IDLE_MS,
    idleMs: KEPT_MS,
    maxIdlePerOrigin: MAX_KEPT,
  });
  const memory = createChunkMemory();

  /** What has file data for an answer: received into memory that is used again, which a client of Node's can't. */
  async function fetchFileData(request: PeerRequest, base: URL, address: string): Promise<PeerAnswer> {
    const { "content-length": _, ...headers } = request.headers;
    const answer = await transport({
      url: `http://${urlHost(address)}:${base.port || 80}${pathAt(base, request)}`,
      method: request.method === "GET" ? "GET" : "POST",
      headers: { ...headers, host: base.host },
      body: await readShort(request.body),
      signal: request.signal,
    });
    const { "content-length": length, ...others } = Object.fromEntries(answer.headers);
    // What comes in chunks is as long as those are, whatever else was said of it.
    const isMeasured = length !== undefined && others["transfer-encoding"] === undefined;
    return {
      status: answer.status,
      headers: isMeasured ? { ...others, "content-length": length } : others,
      body: createLentBody(answer, { memory, idleMs: IDLE_MS }),
    };
  }

  async function call(request: PeerRequest, endpoint: ProvenEndpoint): Promise<PeerAnswer> {
    const { signal, body } = request;
    if (signal.aborted) throw PanalError.from(signal.reason, "aborted");
    const base = new URL(endpoint.url);
    const isSecure = base.protocol === "https:";
    if (!isSecure && isForFileData(request)) return fetchFileData(request, base, endpoint.address);
    const options: RequestOptions = {
      agent: isSecure ? agents.https : agents.http,
      // The address itself, so that a kept connection is found by where it leads, too.
      host: endpoint.address,
      port: base.port === "" ? (isSecure ? 443 : 80) : Number(base.port),
      path: pathAt(base, request),
      method: request.method,
      headers: { ...request.headers, host: base.host },
      maxHeaderSize: MAX_HEAD_BYTES,
      timeout: IDLE_MS,
      signal,
      // An address has no name to be asked for; its certificate is for the address.
      ...(isSecure && parseAddress(base.hostname) === undefined ? { servername: base.hostname } : {}),
    };
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const outgoing = (isSecure ? requestHttps : requestHttp)(options);
    outgoing.once("socket", (socket) => {
      if (!socket.connecting) return;
      const late = setTimeout(
        () => outgoing.destroy(new PanalError("timeout", "no connection in time")),
        CONNECT_TIMEOUT_MS,
      );
      socket.once("connect", () => clearTimeout(late)).once("close", () => clearTimeout(late));
    });
    outgoing.once("timeout", () =>
      outgoing.destroy(new PanalError("timeout", "nothing came for two minutes")),
    );
    outgoing.once("response", resolve);
    // Stays: what breaks later is told by the answer's own error.
    outgoing.on("error", reject);
    // Also without an error: when the other end wants to go on in another protocol.
    outgoing.once("close", () => reject(new PanalError("protocol", "no answer that is one")));
    if (body === undefined) outgoing.end();
    else {
      // A body that breaks off must not look like one that has ended.
      body.once("error", (error) => outgoing.destroy(error));
      body.once("close", () => {
        if (!body.readableEnded) outgoing.destroy();
      });
      body.pipe(outgoing);
    }
    const answer = await promise;
    return { status: answer.statusCode ?? 0, headers: headersOf(answer), body: answer };
  }

  return {
    route: "gateway",
    leadsTo: async (peer) => (await endpoints.of(peer)) !== undefined,
    async send(request) {
      const { peer, signal } = request;
      const endpoint = await endpoints.of(peer);
      if (endpoint === undefined) throw new PanalError("unreachable", `no way to peer ${peer.peerId}`);
      try {
        return await call(request, endpoint);
      } catch (error) {
        if (signal.aborted) throw PanalError.from(signal.reason, "aborted");
        endpoints.forget(peer.peerId);
        throw PanalError.from(error, "unreachable");
      }
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
      transport.close();
    },
  };
}

function pathAt(base: URL, { path }: PeerRequest): string {
  return `${base.pathname.replace(/\/$/, "")}${path}`;
}

function isForFileData(request: PeerRequest): boolean {
  const { method, path, mayLend } = request;
  const isAsked = method === "GET" || (method === "POST" && path === DOWNLOAD_CALL && isShort(request));
  return mayLend === true && isAsked;
}

/** Headers that come several times are none of those that are passed on, but Set-Cookie, which isn't. */
function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (typeof value === "string") flat[name] = value;
  return flat;
}
