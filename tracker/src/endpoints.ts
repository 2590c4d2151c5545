import { isIP } from "node:net";
import type { Endpoint } from "@panal/sdk";
import {
  isLoopbackHost,
  isPrivateAddress,
  isUnspecifiedAddress,
  parseAddress,
  urlHost,
} from "./addresses.ts";
import type { Caller } from "./caller.ts";
import type { DialRules } from "./dial-rules.ts";
import type { ViaEndpoints } from "./gateway/via-endpoints.ts";
import { invalidField } from "./invalid-fields.ts";
import { reachOfUrl, reachRank } from "./reach.ts";
import type { PeerRecord } from "./store/store.ts";

/** The addresses a peer may be known by. */
export interface Announcement {
  /** Base URLs in one spelling, without a slash at the end; none for a peer that only answers over the relay. */
  readonly urls: readonly string[];
  /** What no two live peers may share: each URL, bound to its network where it has a meaning only there. */
  readonly keys: readonly string[];
  /**
   * Those the tracker may call without looking a name up, which could lead anywhere. Whoever is on this machine could call
   * from it anyhow.
   */
  readonly dialableUrls: readonly string[];
  /** Whether only the tracker's own machine can reach it. */
  readonly isLocalOnly: boolean;
}

type Endpoints = Pick<PeerRecord, "urls" | "findings" | "checkedAt">;

/**
 * The endpoints of a registration. Loopback ones count only from this machine: from another they would lead clients
 * here to services of their own. Throws "invalid" when a URL is no base URL, or none is left.
 */
export function parseAnnouncement(
  request: { urls?: string[] | undefined; port?: number | undefined; relay?: boolean | undefined },
  { caller, dialRules }: { caller: Caller; dialRules: DialRules },
): Announcement {
  const registrant = { address: caller.isSeen ? caller.address : "", isLocal: caller.isLocal };
  const { relay = false, port } = request;
  const ownUrls = port === undefined ? [] : [`http://${urlHost(caller.address)}:${port}`];
  const announced = request.urls ?? ownUrls;
  const urls = new Set<string>();
  const keys = new Set<string>();
  const dialable = new Set<string>();
  let isLocalOnly = true;
  for (const [index, text] of announced.entries()) {
    const { url, host } = parseEndpointUrl(text, `urls[${index}]`);
    const isLoopback = isLoopbackHost(host);
    if (isLoopback && !caller.isLocal) continue;
    if (!isLoopback) isLocalOnly = false;
    urls.add(url);
    const mayCall = isIP(host) === 0 ? caller.isLocal : dialRules.refusal(host, registrant) === undefined;
    if (mayCall) dialable.add(url);
    const isElsewhere = isPrivateAddress(host) && !isPrivateAddress(caller.address);
    keys.add(isElsewhere ? `${caller.address} ${url}` : url);
  }
  if (urls.size === 0 && !relay) {
    throw invalidField(
      "urls",
      `${announced.join(", ")} can't be reached from elsewhere; announce other addresses` +
        " (behind a proxy, start the tracker with --trusted-proxy)",
    );
  }
  return {
    urls: [...urls],
    keys: [...keys],
    dialableUrls: [...dialable],
    isLocalOnly: isLocalOnly && !relay,
  };
}

/**
 * What a client may be told: loopback endpoints only on this machine. Those that were found reachable first, else as announced; the way
 * through the tracker last.
 */
export function endpointsFor(peer: PeerRecord, caller: Caller, via: ViaEndpoints | undefined): Endpoint[] {
  const through = via?.endpointOf(peer, caller);
  const direct = directEndpoints(peer, caller);
  return through === undefined ? direct : [...direct, through];
}

/** Those of the peer itself. */
export function directEndpoints(peer: Endpoints, caller: Caller): Endpoint[] {
  const checked = peer.checkedAt === 0 ? {} : { checkedAt: new Date(peer.checkedAt).toISOString() };
  return peer.urls
    .filter((url) => caller.isLocal || !isLoopbackHost(hostOf(url)))
    .map((url) => ({ url, reach: reachOfUrl(peer, url) }))
    .sort((a, b) => reachRank(a.reach) - reachRank(b.reach))
    .map(({ url, reach: { reachable, reason } }) => ({
      url,
      route: "direct",
      reachable,
      reachableReason: reason,
      ...checked,
    }));
}

/** Host (without brackets) and port of an endpoint. */
export function hostAndPortOf(url: string): { host: string; port: number } {
  const { port, protocol } = new URL(url);
  return { host: hostOf(url), port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) };
}

function hostOf(url: string): string {
  const { hostname } = new URL(url);
  return parseAddress(hostname) ?? hostname;
}

function parseEndpointUrl(text: string, field: string): { url: string; host: string } {
  const refuse = (why: string) => invalidField(field, `${JSON.stringify(text)}: ${why}`, { value: text });
  if (!URL.canParse(text)) throw refuse("not a URL");
  const parsed = new URL(text);
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") throw refuse("expected http or https");
  if (parsed.username !== "" || parsed.password !== "") throw refuse("must not hold credentials");
  if (parsed.search !== "" || parsed.hash !== "") throw refuse("must not hold a query or fragment");
  const host = parseAddress(parsed.hostname) ?? parsed.hostname;
  if (isUnspecifiedAddress(host)) throw refuse("is nobody's address");
  if (parsed.port === "0") throw refuse("port 0 can't be reached");
  const port = parsed.port === "" ? "" : `:${parsed.port}`;
  return { url: `${parsed.protocol}//${urlHost(host)}${port}${parsed.pathname.replace(/\/+$/, "")}`, host };
}
