import { type IncomingMessage, type RequestListener, createServer, request as requestHttp } from "node:http";
import { type Duplex, Readable } from "node:stream";
import { PanalError, type RelayedRequest, type StreamedAnswer } from "@panal/sdk";
import { pairedSockets } from "./paired-sockets.ts";

/** A request handler of Node's that is called without a port. */
export interface InProcessServer {
  /** What clients of the relay ask, answered as if it had come to the peer's port. */
  answer(request: RelayedRequest): Promise<StreamedAnswer>;
  close(): void;
}

/**
 * Node's own client and server talk to each other over a connection in memory: so whatever the peer answers over the relay is what
 * it answers at its port, to the byte.
 */
export function createInProcessServer(handler: RequestListener): InProcessServer {
  const server = createServer({ requestTimeout: 0 }, handler);
  const open = new Set<Duplex>();

  async function answer({
    method,
    path,
    headers,
    client,
    body,
    signal,
  }: RelayedRequest): Promise<StreamedAnswer> {
    if (signal.aborted) throw PanalError.from(signal.reason, "aborted");
    // Limits that count by address count by this: no address looks like it, and only the relay says it.
    const [ours, theirs] = pairedSockets(client === undefined ? undefined : `relayed ${client}`);
    for (const socket of [ours, theirs]) {
      open.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => open.delete(socket));
    }
    server.emit("connection", theirs);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const outgoing = requestHttp({
      createConnection: () => ours,
      method,
      path,
      headers: { ...headers, host: "localhost", connection: "close" },
      signal,
    });
    outgoing.once("response", resolve).on("error", reject);
    outgoing.once("close", () => reject(new PanalError("unreachable", "no answer")));
    if (body === undefined) outgoing.end();
    else {
      const source = Readable.from(body, { objectMode: false });
      source.once("error", (error) => outgoing.destroy(error));
      source.pipe(outgoing);
    }
    const response = await promise;
    return {
      status: response.statusCode ?? 500,
      headers: plainHeaders(response),
      body: bodyOf(response, ours),
    };
  }

  return {
    answer,
    close() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

async function* bodyOf(response: IncomingMessage, socket: Duplex): AsyncGenerator<Uint8Array> {
  try {
    // One that breaks off throws: nobody is to take it for the whole.
    for await (const chunk of response as AsyncIterable<Buffer>) yield chunk;
  } finally {
    socket.destroy();
  }
}

/** Without what is said of the connection. */
function plainHeaders({ headers }: IncomingMessage): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === "string" && !CONNECTION_HEADERS.has(name)) plain[name] = value;
  }
  return plain;
}

const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "date",
  "keep-alive",
  "trailer",
  "transfer-encoding",
]);
