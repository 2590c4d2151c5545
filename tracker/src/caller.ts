import type { TrackerConfig } from "./config.ts";
import { isLoopbackHost, isUnspecifiedAddress, parseAddress } from "./addresses.ts";

/** Where a request comes from. */
export interface Caller {
  /** Its IP address in one spelling. */
  readonly address: string;
  /** Whether it is the tracker's own machine: only then do loopback endpoints mean the same to both. */
  readonly isLocal: boolean;
  /** Whether the address is the caller's own, and not that of a proxy which isn't trusted to say whose. */
  readonly isSeen: boolean;
  /** The host it called the tracker by, without a port; absent where that leads nowhere else. */
  readonly reachedHost?: string;
}

export interface CallerRules {
  /** Addresses of proxies whose forwarded header counts. */
  readonly trustedProxies: ReadonlySet<string>;
  /** The addresses of this machine's interfaces. */
  readonly ownAddresses: () => ReadonlySet<string>;
}

export function callerRules({
  trustedProxies,
  interfaceAddresses,
}: Pick<TrackerConfig, "trustedProxies" | "interfaceAddresses">): CallerRules {
  return { trustedProxies, ownAddresses: () => new Set(interfaceAddresses()) };
}

export const FORWARDED_HEADERS = ["forwarded", "x-forwarded-for", "x-real-ip"] as const;

/**
 * The caller of a request that came over a connection from `remoteAddress`. A forwarded header counts only from a
 * trusted proxy; from anybody else it shows that the connection isn't the caller's own, who is then not local.
 */
export function callerOf(
  request: { remoteAddress: string | undefined; header(name: string): string | undefined },
  rules: CallerRules,
): Caller {
  const address = parseAddress(request.remoteAddress ?? "") ?? "0.0.0.0";
  const isForwarded = FORWARDED_HEADERS.some((name) => request.header(name) !== undefined);
  if (!isForwarded) return { address, isLocal: isLocalAddress(address, rules), isSeen: true };
  const unseen = { address, isLocal: false, isSeen: false };
  if (!rules.trustedProxies.has(address)) return unseen;
  const forwarded = forwardedAddress(request.header("x-forwarded-for"), rules.trustedProxies);
  if (forwarded === undefined) return unseen;
  return { address: forwarded, isLocal: isLocalAddress(forwarded, rules), isSeen: true };
}

/** The last address of the list that is no proxy of ours: what stands before it, anybody may have written. */
function forwardedAddress(header: string | undefined, trusted: ReadonlySet<string>): string | undefined {
  for (const part of (header ?? "").split(",").reverse()) {
    const address = parseAddress(part.trim());
    if (address === undefined || isUnspecifiedAddress(address)) return undefined;
    if (!trusted.has(address)) return address;
  }
  return undefined;
}

/** Whether an address in one spelling is this machine's. */
export function isLocalAddress(
  address: string,
  { ownAddresses }: Pick<CallerRules, "ownAddresses">,
): boolean {
  return isLoopbackHost(address) || ownAddresses().has(address);
}
