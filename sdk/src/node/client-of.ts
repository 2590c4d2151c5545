import { isIPv6 } from "node:net";

/** What somebody with IPv6 has addresses of: as a rule 2^64 that begin alike. */
const IPV6_NETWORK_GROUPS = 4;

/**
 * Whom a connection counts for when clients share what is scarce: its address, or the IPv6 network it is from. Nobody has
 * several of them for nothing. Empty when the connection is gone.
 */
export function clientOf(remoteAddress: string | undefined): string {
  const address = remoteAddress ?? "";
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = address.replace(/%.*$/, "").split("::", 2);
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const [before, after] = [groups(head), groups(tail ?? "")];
  // A dotted end stands for two groups; it is never within the network.
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const all = [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  return `${all.slice(0, IPV6_NETWORK_GROUPS).join(":")}::/64`;
}
