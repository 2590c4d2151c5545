import { join } from "node:path";
import { createTrackerClient } from "@panal/sdk";
import { requestHead } from "../load/request-head.ts";
import type { Bench } from "./bench.ts";

/** An hour: in a run nobody falls silent, and no heartbeat is sent but those that are measured. */
const HEARTBEAT_SECONDS = 3600;

export interface RegisteredPeer {
  readonly peerId: string;
  readonly lease: string;
}

/** A tracker as an operator would run it, in an empty folder. */
export interface BenchTracker {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Where its database is. */
  readonly dataDir: string;
  /** As it would be typed. */
  readonly command: string;
  /** Peers on this machine at which nobody answers, as a peer behind a firewall. */
  registerPeers(count: number): Promise<RegisteredPeer[]>;
  stop(): Promise<void>;
}

export async function startBenchTracker(bench: Bench, name: string): Promise<BenchTracker> {
  const dataDir = join(bench.folder, name);
  // All comes from this one address: what it may do in real life isn't what is measured.
  const args = ["--data", dataDir, "--heartbeat-seconds", String(HEARTBEAT_SECONDS), "--limits", "0"];
  const { url, child, stop } = await bench.stage.startTracker({ args });
  const client = createTrackerClient({ url });
  let registered = 0;
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid!,
    dataDir,
    command: ["panal-tracker", "--port", "0", "--host", "127.0.0.1", ...args].join(" "),
    async registerPeers(count) {
      const peers: RegisteredPeer[] = [];
      for (let index = 0; index < count; index++) {
        const number = registered++;
        // An address each, of this machine's own.
        const urls = [`http://127.99.${number >> 8}.${number & 255}:9`];
        const { peerId, lease } = await client.register({ name: `peer ${number}`, urls });
        peers.push({ peerId, lease });
      }
      return peers;
    },
    stop: () => stop(),
  };
}

export function heartbeatRequest({ peerId, lease }: RegisteredPeer, port: number): string {
  return requestHead({ method: "POST", path: `/api/v1/peers/${peerId}/heartbeat`, port, lease });
}
