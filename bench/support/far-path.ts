import { fileURLToPath } from "node:url";
import { succeeds } from "./succeeds.ts";
import { startHelper } from "./timed-command.ts";

const RELAY = fileURLToPath(new URL("delaying-server.ts", import.meta.url));
const NAMESPACE = `panal-bench-${process.pid}`;

interface FarPathOptions {
  readonly roundTripMs: number;
  readonly bytesPerSecond: number;
}

/** A way between two processes of this machine that is as long as if they were far apart. */
export interface FarPath {
  /** What makes it so long, for people. */
  readonly kind: string;
  /** The beginning of the command line of whatever uses it. */
  readonly within: readonly string[];
  /** The address at which a server that was started within is found at the other end. */
  leadTo(url: string): Promise<string>;
  close(): Promise<void>;
}

/** A network namespace whose loopback is far (Linux, root, a kernel with netem); otherwise a relay. */
export async function openFarPath(options: FarPathOptions): Promise<FarPath> {
  return openNamespace(options) ?? openRelay(options);
}

function openNamespace({ roundTripMs, bytesPerSecond }: FarPathOptions): FarPath | undefined {
  const within = ["ip", "netns", "exec", NAMESPACE] as const;
  const netem = ["delay", `${roundTripMs / 2}ms`, "rate", `${bytesPerSecond * 8}bit`, "limit", "100000"];
  if (!succeeds("ip", "netns", "add", NAMESPACE)) return undefined;
  const isFar =
    succeeds(...within, "ip", "link", "set", "lo", "up") &&
    succeeds(...within, "tc", "qdisc", "add", "dev", "lo", "root", "netem", ...netem);
  const close = async () => void succeeds("ip", "netns", "delete", NAMESPACE);
  if (isFar) return { kind: "netem", within, leadTo: async (url) => url, close };
  void close();
  return undefined;
}

function openRelay({ roundTripMs, bytesPerSecond }: FarPathOptions): FarPath {
  const relays: { stop(): Promise<void> }[] = [];
  return {
    kind: "a delaying relay",
    within: [],
    async leadTo(url) {
      const numbers = [new URL(url).port, roundTripMs, bytesPerSecond].map(String);
      const relay = await startHelper([process.execPath, RELAY, ...numbers]);
      relays.push(relay);
      return relay.line;
    },
    close: async () => void (await Promise.all(relays.map((relay) => relay.stop()))),
  };
}
