import { PanalError } from "@panal/sdk";
import { parseAddress } from "./addresses.ts";
import type { DialRules, Registrant } from "./dial-rules.ts";
import type { PeerNetwork } from "./peer-network.ts";
import type { ReachFinding } from "./store/store.ts";

/** For all of it: the name, the connection, the answer. */
const TIMEOUT_MS = 3_000;

export interface NonceReader {
  /** Whether the nonce is served at `{url}/.well-known/panal`, now. Never throws. */
  check(
    url: string,
    options: { nonce: string; registrant: Registrant; signal?: AbortSignal },
  ): Promise<ReachFinding>;
}

export function createNonceReader({
  rules,
  network,
}: {
  rules: DialRules;
  network: PeerNetwork;
}): NonceReader {
  /** One of the addresses of the URL's host that may be called; or why none may. */
  async function callable(url: string, registrant: Registrant): Promise<{ address?: string; why: string }> {
    const { hostname } = new URL(url);
    const literal = parseAddress(hostname);
    const found = literal === undefined ? await network.resolve(hostname) : [literal];
    let why = "its name has no address";
    for (const text of found) {
      const address = parseAddress(text);
      if (address === undefined) continue;
      const refusal = rules.refusal(address, registrant);
      if (refusal === undefined) return { address, why: "" };
      why = refusal;
    }
    return { why };
  }

  return {
    async check(url, { nonce, registrant, signal: stopped }) {
      const timeout = AbortSignal.timeout(TIMEOUT_MS);
      const signal = stopped === undefined ? timeout : AbortSignal.any([stopped, timeout]);
      try {
        // A lookup can't be stopped; nobody waits for it longer than for the rest.
        const { address, why } = await Promise.race([callable(url, registrant), rejectedBy(signal)]);
        if (address === undefined) return { url, reachable: "unknown", reason: why };
        const { status, text } = await network.get(`${url}/.well-known/panal`, { address, signal });
        return { url, ...verdict(status, text.trim() === nonce, text.trim() === "") };
      } catch (error) {
        if (stopped?.aborted === true) return { url, reachable: "unknown", reason: "the check was stopped" };
        return { url, reachable: "no", reason: timeout.aborted ? "no answer in time" : reasonOf(error) };
      }
    },
  };
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(PanalError.from(signal.reason));
    if (signal.aborted) fail();
    else signal.addEventListener("abort", fail, { once: true });
  });
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
    case "ENOTFOUND":
    case "ENODATA":
    case "EAI_AGAIN":
      return "its name isn't known";
    case "HPE_HEADER_OVERFLOW":
      return "answered with more than a nonce";
    default:
      if (code.startsWith("HPE_")) return "what answers doesn't speak HTTP";
      if (/CERT|SSL|TLS|SELF_SIGNED|ISSUER/.test(code)) return `its certificate isn't accepted: ${code}`;
      return /^[A-Z_0-9]{1,64}$/.test(code) ? `no connection: ${code}` : "no connection";
  }
}
