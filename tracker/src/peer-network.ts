import { Resolver } from "node:dns/promises";
import { type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIPv6 } from "node:net";
import { PanalError } from "@panal/sdk";
import { isLoopbackHost } from "./addresses.ts";

/** For one question to one name server, asked twice. */
const DNS_TIMEOUT_MS = 1_000;
const DNS_TRIES = 2;
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
  /** The IP addresses of a name. Throws when nobody knows it. */
  resolve(name: string, options: { signal: AbortSignal }): Promise<readonly string[]>;
  /**
   * What answers a GET at this very address, by whatever name the URL calls it: no second question to DNS, no redirect, no
   * proxy, and no more of it than a nonce is long (else it throws "too-large").
   */
  get(url: string, options: { address: string; signal: AbortSignal }): Promise<ShortAnswer>;
}

/** `dnsServers`: those of the machine by default. */
export function createPeerNetwork({ dnsServers }: { dnsServers?: readonly string[] } = {}): PeerNetwork {
  return { resolve: (name, { signal }) => resolve(name, { signal, dnsServers }), get };
}

/**
 * By questions to name servers. Not by the machine's own lookup, which knows /etc/hosts, but keeps one of four threads for as
 * long as a name server keeps silent: those who choose the names would hold up all that reads files.
 */
async function resolve(
  name: string,
  { signal, dnsServers }: { signal: AbortSignal; dnsServers: readonly string[] | undefined },
): Promise<string[]> {
  if (isLoopbackHost(name)) return ["127.0.0.1", "::1"];
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES });
  if (dnsServers !== undefined) resolver.setServers(dnsServers);
  const cancel = () => resolver.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const addresses = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    if (addresses.length === 0) throw new PanalError("not-found", `${name}: no name server knows it`);
    return addresses;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

async function get(
  url: string,
  { address, signal }: { address: string; signal: AbortSignal },
): Promise<ShortAnswer> {
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
  // Answers before the answer have no end, either.
  request.once("information", () => reject(new PanalError("protocol", "an answer before the answer")));
  request.on("error", reject);
  // Also without an error: when the other end wants to go on in another protocol.
  request.once("close", () => reject(new PanalError("protocol", "no answer that is one")));
  request.end();
  try {
    const response = await promise;
    return { status: response.statusCode ?? 0, text: await readShort(response) };
  } finally {
    request.destroy();
  }
}

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
