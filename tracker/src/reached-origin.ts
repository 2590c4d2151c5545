import { urlHost } from "./addresses.ts";
import type { Caller } from "./caller.ts";

/** A port beside the tracker's, the gateway's or the relay's, which is an origin of its own. */
export interface BesidePort {
  /** What its operator says is its URL. */
  readonly url: string | undefined;
  /** The tracker's, if its operator says. */
  readonly publicUrl: string | undefined;
  /** Where it listens here; undefined when it runs elsewhere. */
  readonly port: number | undefined;
}

/** Its origin as this caller reaches it; undefined when nobody can tell. */
export function reachedOrigin(
  { reachedHost }: Pick<Caller, "reachedHost">,
  { url, publicUrl, port }: BesidePort,
): string | undefined {
  if (url !== undefined) return url;
  // Behind a proxy that speaks https, a port of plain http is of no use to pages: only its operator knows what is.
  if (port === undefined || publicUrl?.startsWith("https:") === true) return undefined;
  return reachedHost === undefined ? undefined : `http://${urlHost(reachedHost)}:${port}`;
}
