import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { startLyingProxy } from "../../e2e/support/lying-proxy.ts";
import { announced } from "../../e2e/support/processes.ts";
import { type Group, LIMITED_BYTES, PEER_NODE } from "../support/bench.ts";
import { timedCommand } from "../support/timed-command.ts";
import type { Row, Trial } from "../support/trial.ts";

const PEERS = 4;
const RATE = { option: "20M", bytesPerSecond: 20e6 };
/** A lie in each of the first pieces, so that it is caught early in every round. */
const LIE_EVERY_BYTES = 256 * 1024;

/** Several peers at once, each held to a rate: what they give together is to arrive, whoever else is there. */
export const manyPeers: Group = {
  name: "many-peers",
  report: "results.md",
  async prepare(bench) {
    const share = await bench.sampleShare(LIMITED_BYTES);
    const tracker = await bench.stage.startTracker();
    const startPeer = async (name: string, rate: string, ...args: string[]) => {
      const all = ["--max-upload-rate", rate, ...args];
      return (await bench.stage.startPeer({ share, trackerUrl: tracker.url, name, args: all })).url;
    };
    const peers: string[] = [];
    for (let index = 0; index < PEERS; index++) peers.push(await startPeer(`peer ${index}`, RATE.option));
    const slow = await startPeer("slow", "200K");
    const liar = await startLyingProxy({ everyBytes: LIE_EVERY_BYTES });
    bench.defer(() => liar.close());
    liar.standInFor(await startPeer("liar", RATE.option, "--advertise", liar.url));
    const fileId = await announced(tracker.url, "bench", PEERS + 2);

    const out = join(bench.folder, "out");
    const downloadFrom = (urls: readonly string[], row: Pick<Row, "name" | "bar">): Trial => ({
      rows: [{ ...row, figure: "bytesPerSecond", unit: "MB/s", ideal: peers.length * RATE.bytesPerSecond }],
      ours: timedCommand({
        bytes: LIMITED_BYTES,
        async prepare() {
          await rm(out, { recursive: true, force: true });
          await mkdir(out);
        },
        command: [
          ...PEER_NODE,
          "download",
          fileId,
          ...urls.flatMap((url) => ["--peer", url]),
          "-o",
          join(out, "bench.bin"),
        ],
      }),
    });
    return [
      downloadFrom(peers, { name: "four peers limited to 20 MB/s each", bar: { atLeast: 0.95 } }),
      downloadFrom([...peers, slow, liar.url], {
        name: "the same with a fifth at 0.2 MB/s and a sixth that lies",
        bar: { atLeast: 0.92 },
      }),
    ];
  },
};
