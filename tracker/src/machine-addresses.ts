import { networkInterfaces } from "node:os";
import { parseAddress } from "./addresses.ts";

/** Networks come and go, but to ask the system costs as much as all else that a heartbeat takes. */
const KEPT_MS = 2_000;

/**
 * The addresses of this machine's interfaces, as they were at most two seconds ago; without link-local IPv6 ones, which need a
 * zone no URL can carry. The same array as long as nothing was looked up. `now` in milliseconds.
 */
export function createMachineAddresses(
  now: () => number,
  read: typeof networkInterfaces = networkInterfaces,
): () => readonly string[] {
  let known: { readonly addresses: readonly string[]; readonly at: number } | undefined;
  return () => {
    const at = now();
    if (known === undefined || at - known.at >= KEPT_MS) known = { addresses: addressesOf(read()), at };
    return known.addresses;
  };
}

function addressesOf(interfaces: ReturnType<typeof networkInterfaces>): string[] {
  return Object.values(interfaces)
    .flatMap((entries) => entries ?? [])
    .map(({ address }) => parseAddress(address) ?? "")
    .filter((address) => address !== "" && !/^fe[89ab]/.test(address));
}
