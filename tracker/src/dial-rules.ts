import { BlockList, isIPv6 } from "node:net";
import { isLoopbackHost } from "./addresses.ts";

/** On whose word the tracker would call somewhere. */
export interface Registrant {
  /** Where the registration came from, in one spelling; empty when a proxy hid it. */
  readonly address: string;
  /** Whether it was this machine: whoever is on it could call from it anyhow. */
  readonly isLocal: boolean;
}

/** Where the tracker may knock, so that nobody makes it knock at others' doors. */
export interface DialRules {
  /** Why this IP address (in one spelling) may not be called for the registrant; undefined when it may. */
  refusal(address: string, registrant: Registrant): string | undefined;
}

/**
 * Nobody's peer is there, whatever anybody says: this link's addresses, which hold the services that cloud machines get their
 * keys from, those for many, those that stand for another address (which would have to be looked at in its place), and
 * what is reserved. Loopback is looked at before.
 */
const NEVER = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["100.100.100.200", 32],
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["192.0.0.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  NEVER.addSubnet(network, prefix, "ipv4");
}
for (const [network, prefix] of [
  ["::", 96],
  ["::ffff:0:0:0", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 32],
  ["2002::", 16],
  ["fd00:ec2::254", 128],
  ["fd20:ce::254", 128],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const) {
  NEVER.addSubnet(network, prefix, "ipv6");
}

/** `ranges`: networks whose addresses the operator lets the tracker call, whoever names them. */
export function createDialRules({ ranges = new BlockList() }: { ranges?: BlockList } = {}): DialRules {
  return {
    refusal(address, registrant) {
      const family = isIPv6(address) ? "ipv6" : "ipv4";
      if (isLoopbackHost(address))
        return registrant.isLocal ? undefined : `${address} is the tracker's own machine`;
      if (NEVER.check(address, family)) return `${address} is not an address the tracker may call`;
      if (registrant.isLocal || address === registrant.address) return undefined;
      if (ranges.check(address, family)) return undefined;
      return `${address} is not where the peer registered from, so the tracker may not call it (--dial-range allows more)`;
    },
  };
}
