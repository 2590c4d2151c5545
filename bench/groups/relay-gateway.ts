import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { listedPeers } from "../../e2e/support/listed-peers.ts";
import { announced } from "../../e2e/support/processes.ts";
import { type Group, PEER_NODE, SAMPLE_BYTES } from "../support/bench.ts";
import { timedCommand } from "../support/timed-command.ts";

const INTO_NOTHING = fileURLToPath(new URL("../support/download-into-nothing.ts", import.meta.url));

/** The command line by way of the tracker's gateway, against the same straight from the peer. */
export const relayGateway: Group = {
  name: "relay-gateway",
  report: "results-relay.md",
  async prepare(bench) {
    const share = await bench.sampleShare();
    const tracker = await bench.stage.startTracker();
    const peer = await bench.stage.startPeer({ share, trackerUrl: tracker.url, name: "bench" });
    const fileId = await announced(tracker.url, "bench", 1);
    const [listed] = await listedPeers(tracker.url);
    const via = listed?.endpoints.find(({ route }) => route === "gateway")?.url;
    if (via === undefined) throw new Error("the tracker gives no way through its gateway");
    const out = join(bench.folder, "out");
    const toDisk = (url: string) =>
      timedCommand({
        bytes: SAMPLE_BYTES,
        async prepare() {
          await rm(out, { recursive: true, force: true });
          await mkdir(out);
        },
        command: [...PEER_NODE, "download", fileId, "--peer", url, "-o", join(out, "bench.bin")],
      });
    const toNothing = (url: string) =>
      timedCommand({ bytes: SAMPLE_BYTES, command: [process.execPath, INTO_NOTHING, fileId, url] });
    return [
      {
        rows: [
          {
            name: "peer-node download through the gateway, verified, on disk, against the same straight from the peer",
            figure: "bytesPerSecond",
            unit: "MiB/s",
            bar: { atLeast: 0.8 },
          },
        ],
        ours: toDisk(via),
        theirs: toDisk(peer.url),
      },
      {
        rows: [
          {
            name: "its engine through the gateway, verified, into nothing, against the same straight from the peer",
            figure: "bytesPerSecond",
            unit: "MiB/s",
            bar: { atLeast: 0.4 },
          },
        ],
        ours: toNothing(via),
        theirs: toNothing(peer.url),
      },
    ];
  },
};
