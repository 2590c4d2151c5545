import { isIP } from "node:net";

/**
 * Whether a Host header (or :authority) names this peer: an IP literal, localhost, or one of the names it was told. A
 * web page that reaches us under a name of its own (DNS rebinding) is none of these.
 */
export function isAllowedHost(header: string | undefined, allowedNames: ReadonlySet<string>): boolean {
  const name = hostName(header ?? "");
  if (name === undefined) return false;
  return isIP(name) !== 0 || name === "localhost" || name.endsWith(".localhost") || allowedNames.has(name);
}

/** Names as `isAllowedHost` compares them: lower case, without a port or a dot at the end. Undefined for nonsense. */
export function hostName(header: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:/?#@[\]\\]+))(?::\d{1,5})?$/i.exec(header);
  if (match === null) return undefined;
  if (match[1] !== undefined) return isIP(match[1]) === 6 ? match[1] : undefined;
  return match[2]!.toLowerCase().replace(/\.$/, "");
}
