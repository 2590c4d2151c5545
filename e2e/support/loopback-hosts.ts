import { networkInterfaces } from "node:os";

export const HOST = "127.0.0.1";

/**
 * For what only a proxy talks to, as it stands in a URL: another address of this machine than the clients' one, so that the
 * proxy's can be told from theirs. Where there is no IPv6, it can't.
 */
export const INNER_HOST = Object.values(networkInterfaces()).some((entries) =>
  entries?.some(({ address }) => address === "::1"),
)
  ? "[::1]"
  : HOST;

/** The same without brackets. */
export const INNER_ADDRESS = INNER_HOST.replace(/[[\]]/g, "");
