import { lookup } from "node:dns/promises";
import { type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIPv6 } from "node:net";
import { PanalError } from "@panal/sdk";

/** Of an answer's head; with the body of `MAX_ANSWER_BYTES`, all that is read of it is 4 KiB. */
const MAX_HEAD_BYTES = 3840;
/** A nonce is far shorter; whatever else answers isn't read. */
const MAX_ANSWER_BYTES = 256;

export interface ShortAnswer {
  readonly status: number;
  readonly text: string;
}

/** The tracker's way to peers. */
export interface PeerNetwork {
  /** The IP addresses of a name. */
  resolve(name: string): Promise<readonly string[]>;
  /**
   * What answers a GET at this very address, by whatever name the URL calls it: no second question to DNS, no redirect, no
   * proxy, and no more of it than a nonce is long (else it throws "too-large").
   */
  get(url: string, options: { address: string; signal: AbortSignal }): Promise<ShortAnswer>;
}

export const machineNetwork: PeerNetwork = {
  async resolve(name) {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  },
  async get(url, { address, signal }) {
    const family = isIPv6(address) ? 6 : 4;
    const options: RequestOptions = {
      agent: false,
      headers: { accept: "text/plain", "user-agent": "panal-tracker" },
      maxHeaderSize: MAX_HEAD_BYTES,
      signal,
      // The address that was looked at is the one that is called.
      lookup: (_name, { all }, callback) => {
        if (all === true) callback(null, [{ address, family }]);
        else callback(null, address, family);
      },
    };
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const request = (url.startsWith("https:") ? requestHttps : requestHttp)(url, options);
    request.once("response", resolve);
    request.on("error", reject);
    request.end();
    try {
      const response = await promise;
      return { status: response.statusCode ?? 0, text: await readShort(response) };
    } finally {
      request.destroy();
    }
  },
};

async function readShort(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    total += chunk.length;
    if (total > MAX_ANSWER_BYTES)
      throw new PanalError("too-large", `an answer of more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
