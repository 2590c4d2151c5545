import { PanalError } from "@panal/sdk";
import { clientOf } from "@panal/sdk/node";
import { parseAddress } from "./addresses.ts";
import type { DialRules, Registrant } from "./dial-rules.ts";
import type { PeerNetwork } from "./peer-network.ts";
import type { ReachFinding } from "./store/store.ts";
import { createTokenBuckets } from "./token-buckets.ts";

/** For all of it: the name, the connection, the answer. */
const TIMEOUT_MS = 3_000;
/** Names are looked up so often for an address that announces them: name servers are others' doors, too. */
const LOOKUPS_PER_SECOND = 1;
const LOOKUPS_AT_ONCE = 20;

interface NonceOptions {
  readonly nonce: string;
  readonly registrant: Registrant;
  readonly signal?: AbortSignal;
}

export interface NonceReader {
  /** Whether the nonce is served at `{url}/.well-known/panal`, now. Never throws. */
  check(url: string, options: NonceOptions): Promise<ReachFinding>;
  /** The address at which it is, for whoever calls there next: the name may lead elsewhere by then. Never throws. */
  prove(url: string, options: NonceOptions): Promise<string | undefined>;
}

export function createNonceReader({
  rules,
  network,
  now,
}: {
  rules: DialRules;
  network: PeerNetwork;
  now: () => number;
}): NonceReader {
  const lookups = createTokenBuckets({ perSecond: LOOKUPS_PER_SECOND, burst: LOOKUPS_AT_ONCE, now });

  async function addressesOf(
    host: string,
    { registrant, signal }: { registrant: Registrant; signal: AbortSignal },
  ): Promise<readonly string[]> {
    const literal = parseAddress(host);
    if (literal !== undefined) return [literal];
    if (lookups.take(clientOf(registrant.address)) > 0)
      throw new UncheckedError("too many names to look up; it will be tried again");
    try {
      return await network.resolve(host, { signal });
    } catch (error) {
      throw new UncheckedError("its name isn't known here", { cause: error });
    }
  }

  /** One of the addresses of the URL's host that may be called. Throws an UncheckedError when none may. */
  async function callable(
    url: string,
    options: { registrant: Registrant; signal: AbortSignal },
  ): Promise<string> {
    let why = "its name has no address";
    for (const text of await addressesOf(new URL(url).hostname, options)) {
      const address = parseAddress(text);
      if (address === undefined) continue;
      const refusal = rules.refusal(address, options.registrant);
      if (refusal === undefined) return address;
      why = refusal;
    }
    throw new UncheckedError(why);
  }

  async function read(
    url: string,
    { nonce, registrant, signal: stopped }: NonceOptions,
  ): Promise<{ finding: ReachFinding; address?: string }> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const signal = stopped === undefined ? timeout : AbortSignal.any([stopped, timeout]);
    try {
      const address = await endedBy(signal, callable(url, { registrant, signal }));
      const target = `${url}/.well-known/panal`;
      const { status, text } = await endedBy(signal, network.get(target, { address, signal }));
      return { finding: { url, ...verdict(status, text.trim() === nonce, text.trim() === "") }, address };
    } catch (error) {
      const unknown = (reason: string) => ({ finding: { url, reachable: "unknown", reason } as const });
      if (error instanceof UncheckedError) return unknown(error.message);
      if (stopped?.aborted === true) return unknown("the check was stopped");
      const reason = timeout.aborted ? "no answer in time" : reasonOf(error);
      return { finding: { url, reachable: "no", reason } };
    }
  }

  return {
    check: async (url, options) => (await read(url, options)).finding,
    async prove(url, options) {
      const { finding, address } = await read(url, options);
      return finding.reachable === "yes" ? address : undefined;
    },
  };
}

/** Nobody was called, and why. */
class UncheckedError extends Error {}

/** Whoever keeps a check for ever would keep a place for ever: it ends with the signal, whatever the network does. */
async function endedBy<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(PanalError.from(signal.reason));
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function verdict(status: number, isRight: boolean, isEmpty: boolean): Omit<ReachFinding, "url"> {
  if (status >= 300 && status < 400)
    return { reachable: "no", reason: `answered ${status}; redirects aren't followed` };
  if (status !== 200) return { reachable: "no", reason: `answered ${status} instead of the nonce` };
  if (isRight) return { reachable: "yes", reason: "answered with its nonce" };
  return { reachable: "no", reason: isEmpty ? "answered without a nonce" : "answered with another nonce" };
}

/** Never what the other end said: it chooses that, and others read it. */
function reasonOf(error: unknown): string {
  if (error instanceof PanalError && error.code === "too-large") return "answered with more than a nonce";
  if (error instanceof PanalError && error.code === "protocol") return "what answers doesn't speak HTTP";
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  switch (code) {
    case "ECONNREFUSED":
      return "no connection: refused";
    case "ECONNRESET":
    case "EPIPE":
      return "the connection broke off";
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "no connection: no way there";
    case "ETIMEDOUT":
      return "no answer in time";
    case "HPE_HEADER_OVERFLOW":
      return "answered with more than a nonce";
    default:
      if (code.startsWith("HPE_")) return "what answers doesn't speak HTTP";
      if (/CERT|SSL|TLS|SELF_SIGNED|ISSUER/.test(code)) return `its certificate isn't accepted: ${code}`;
      return /^[A-Z_0-9]{1,64}$/.test(code) ? `no connection: ${code}` : "no connection";
  }
}
