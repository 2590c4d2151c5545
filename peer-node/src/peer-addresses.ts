import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import { isIPv6 } from "node:net";
import { MAX_ENDPOINTS } from "@panal/sdk";

/** Networks of containers and virtual machines: the same addresses on every machine, reachable from none. */
const VIRTUAL_INTERFACE =
  /^(docker|br-|veth|virbr|vmnet|vboxnet|podman|cni|lxcbr|lxdbr|flannel|cali|vEthernet)/i;

export interface PeerAddressOptions {
  /** What the server is bound to; "::" and "0.0.0.0" are all interfaces. */
  boundAddress: string;
  port: number;
  scheme: "http" | "https";
  /** Instead of everything else, when there is any. */
  advertise: readonly string[];
  interfaces?: NodeJS.Dict<NetworkInterfaceInfo[]>;
}

/**
 * The base URLs a peer announces: what it was told to, else each address it can be reached at, as IP literals (names need
 * a resolver, and pages on https may reach private IP literals only). This machine's own address is among
 * them; the tracker gives that to this machine's clients alone.
 */
export function peerUrls(options: PeerAddressOptions): string[] {
  const { boundAddress, port, scheme, advertise } = options;
  const urlOf = (address: string) => `${scheme}://${isIPv6(address) ? `[${address}]` : address}:${port}`;
  if (advertise.length > 0) return advertise.slice(0, MAX_ENDPOINTS);
  const isAll = boundAddress === "::" || boundAddress === "0.0.0.0";
  if (!isAll) return [urlOf(boundAddress)];
  const found = Object.entries(options.interfaces ?? networkInterfaces()).flatMap(([name, entries]) =>
    (entries ?? [])
      .filter(({ internal }) => !internal)
      .filter(({ address, family }) =>
        family === "IPv4"
          ? !address.startsWith("169.254.")
          : boundAddress === "::" && !/^fe80:/i.test(address),
      )
      .map(({ address, family }) => ({ name, address, family })),
  );
  const real = found.filter(({ name }) => !VIRTUAL_INTERFACE.test(name));
  const addresses = (real.length > 0 ? real : found)
    .sort((a, b) => a.family.localeCompare(b.family))
    .map(({ address }) => address);
  return [...new Set(["127.0.0.1", ...addresses])].slice(0, MAX_ENDPOINTS).map(urlOf);
}
