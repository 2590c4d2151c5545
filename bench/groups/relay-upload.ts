import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createNodePeerClient } from "@panal/sdk/node";
import { until } from "../../e2e/support/processes.ts";
import { type Group, LIMITED_BYTES, PEER_NODE } from "../support/bench.ts";
import { startHelper, timedCommand } from "../support/timed-command.ts";

/** Nobody listens there: the peer is asked by its address. */
const NO_TRACKER = "http://127.0.0.1:9";

/** A file from disk to a peer's disk: hashed before, verified there and flushed, against a bare body that is none of that. */
export const relayUpload: Group = {
  name: "relay-upload",
  report: "results-relay.md",
  async prepare(bench) {
    const file = join(await bench.sampleShare(LIMITED_BYTES), "bench.bin");
    const share = join(bench.folder, "takes-uploads");
    await mkdir(share);
    const atFreePort = ["--host", "127.0.0.1", "--port", "0", "--tracker", NO_TRACKER];
    const taking = ["--allow-uploads", "--upload-open", "--upload-quota", "1T"];
    const state = join(bench.folder, "upload-peer");
    const peer = await startHelper([
      ...PEER_NODE,
      "share",
      ...atFreePort,
      ...taking,
      "--state",
      state,
      share,
    ]);
    bench.defer(peer.stop);
    const url = /http:\S+/.exec(peer.line)![0];
    const client = createNodePeerClient(url);

    const stored = join(bench.folder, "stored.bin");
    const sinkScript = fileURLToPath(new URL("../support/sink-server.ts", import.meta.url));
    const sink = await startHelper([process.execPath, sinkScript, stored]);
    bench.defer(sink.stop);

    return [
      {
        rows: [
          {
            name: "upload from disk to a peer's disk, against curl -T to a plain Node server that writes to disk",
            figure: "bytesPerSecond",
            unit: "MiB/s",
            bar: { atLeast: 0.6 },
          },
        ],
        ours: timedCommand({
          bytes: LIMITED_BYTES,
          command: [...PEER_NODE, "upload", file, "--to", url],
          async prepare() {
            await rm(join(share, "inbox", "bench.bin"), { force: true });
            // What it has is not sent again.
            await until("the peer has nothing", async () =>
              (await client.getPeer({})).fileCount === 0n ? true : undefined,
            );
          },
        }),
        theirs: timedCommand({
          bytes: LIMITED_BYTES,
          command: ["curl", "--silent", "--fail", "--upload-file", file, sink.line],
          prepare: () => rm(stored, { force: true }),
        }),
      },
    ];
  },
};
