import type { Endpoint } from "@panal/sdk";
import { UsageError } from "./exit-codes.ts";

/** A peer that is named by its URL, or by its URL at a tracker's gateway. Throws a UsageError, which names the option. */
export function peerAt(
  text: string,
  option: string,
): { id: string; name: string; endpoints: Pick<Endpoint, "url" | "route">[] } {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new UsageError(`${option}: expected an http or https URL, got ${JSON.stringify(text)}`);
  }
  const url = text.replace(/\/+$/, "");
  const { host, pathname } = new URL(url);
  const isAtGateway = /\/via\/[\w-]+$/.test(pathname);
  return { id: url, name: host, endpoints: [{ url, route: isAtGateway ? "gateway" : "direct" }] };
}
