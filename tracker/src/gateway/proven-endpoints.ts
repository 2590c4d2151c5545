import { isLoopbackHost, parseAddress } from "../addresses.ts";
import { type CallerRules, isLocalAddress } from "../caller.ts";
import { reachOfUrl, reachRank } from "../reach.ts";
import type { NonceReader } from "../read-nonce.ts";
import type { PeerRecord } from "../store/store.ts";

/** A proof counts for so long: a peer may go, and its address be another's. */
const PROVEN_MS = 60_000;
/** Who couldn't prove it is asked again after this. */
const REFUSED_MS = 5_000;
/** Peers that are remembered; beyond that the oldest is asked anew. */
const MAX_REMEMBERED = 10_000;
/** Of a peer's addresses, so many are tried: those most likely to answer. */
const MAX_TRIED = 4;

/** Where a peer is called. */
export interface ProvenEndpoint {
  /** Its base URL, without a slash at the end. */
  readonly url: string;
  /** The IP address that proved to be the peer's: the one that is called, whatever the name in the URL leads to. */
  readonly address: string;
}

export interface ProvenEndpoints {
  /** One at which the peer's nonce was read by this process within the last minute, under the dial rules; undefined when there is none. */
  of(peer: PeerRecord): Promise<ProvenEndpoint | undefined>;
  /** Nobody answered there. */
  forget(peerId: string): void;
}

export interface ProvenEndpointsOptions {
  reader: Pick<NonceReader, "prove">;
  /** What tells whether a registration came from this machine, which may let loopback be called. */
  callers: Pick<CallerRules, "ownAddresses">;
  now: () => number;
}

/**
 * What the tracker found out before is where to look, not a proof: another process may have found it, on another machine, where
 * loopback is another's. So whoever dials reads the nonce first.
 */
export function createProvenEndpoints({ reader, callers, now }: ProvenEndpointsOptions): ProvenEndpoints {
  const known = new Map<
    string,
    { nonce: string; until: number; found: Promise<ProvenEndpoint | undefined> }
  >();

  async function find({ nonce, registeredFrom, ...peer }: PeerRecord): Promise<ProvenEndpoint | undefined> {
    const registrant = { address: registeredFrom, isLocal: isLocalAddress(registeredFrom, callers) };
    for (const url of candidatesOf(peer)) {
      const address = await reader.prove(url, { nonce, registrant });
      if (address !== undefined) return { url, address };
    }
    return undefined;
  }

  return {
    of(peer) {
      // One that registered before nonces were kept can prove nothing.
      if (peer.nonce === "") return Promise.resolve(undefined);
      const before = known.get(peer.peerId);
      if (before !== undefined && before.nonce === peer.nonce && before.until > now()) return before.found;
      const found = find(peer);
      const entry = { nonce: peer.nonce, until: now() + PROVEN_MS, found };
      known.delete(peer.peerId);
      known.set(peer.peerId, entry);
      void found.then((endpoint) => {
        if (endpoint === undefined) entry.until = now() + REFUSED_MS;
      });
      for (const oldest of known.keys()) {
        if (known.size <= MAX_REMEMBERED) break;
        known.delete(oldest);
      }
      return found;
    },
    forget(peerId) {
      known.delete(peerId);
    },
  };
}

/** Those where the peer was found, or where nobody has looked yet; this machine's own first, which are the shortest way. */
function candidatesOf(peer: Pick<PeerRecord, "urls" | "findings" | "checkedAt">): string[] {
  const rank = (url: string) => {
    const { hostname } = new URL(url);
    return (
      reachRank(reachOfUrl(peer, url)) * 2 + (isLoopbackHost(parseAddress(hostname) ?? hostname) ? 0 : 1)
    );
  };
  return peer.urls
    .filter((url) => reachOfUrl(peer, url).reachable !== "no")
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MAX_TRIED);
}
