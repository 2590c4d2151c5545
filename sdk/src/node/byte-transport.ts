import { Agent, type Dispatcher, request } from "undici";
import { PanalError } from "../errors.ts";
import type { ByteTransport } from "../rpc/byte-transport.ts";

const CONNECT_TIMEOUT_MS = 5_000;
/** A peer has this long for its first byte. Stalls after that are the engine's business. */
const HEADERS_TIMEOUT_MS = 15_000;

// One pool for the process: connections to a peer are used again by its next run.
const agent = new Agent({
  connect: { timeout: CONNECT_TIMEOUT_MS },
  headersTimeout: HEADERS_TIMEOUT_MS,
  bodyTimeout: 0,
  maxHeaderSize: 16 * 1024,
});

/** undici's dispatcher: the fastest HTTP client of Node. Redirects aren't followed. */
export const nodeByteTransport: ByteTransport = async ({ url, method, headers, body, signal }) => {
  let response: Dispatcher.ResponseData;
  try {
    response = await request(url, { method, headers, signal, dispatcher: agent, body: body ?? null });
  } catch (error) {
    throw connectionError(error, url);
  }
  return {
    status: response.statusCode,
    header(name) {
      const value = response.headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    body: readBody(response, url),
    async cancel() {
      response.body.on("error", () => {});
      response.body.destroy();
    },
  };
};

async function* readBody(response: Dispatcher.ResponseData, url: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) yield chunk;
  } catch (error) {
    throw connectionError(error, url);
  }
}

function connectionError(error: unknown, url: string): PanalError {
  const known = PanalError.from(error, "unreachable");
  if (known === error || known.code === "aborted") return known;
  return new PanalError(known.code, `${new URL(url).host}: ${known.message}`, { cause: error });
}
