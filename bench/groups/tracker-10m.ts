import type { Group } from "../support/bench.ts";
import { startIndexBench } from "../support/index-bench.ts";

const ANNOUNCING_PEERS = 100;
const FILES_PER_PEER = 100_000;

/** Ten million files, which takes a quarter of an hour and five gigabytes: only for whoever asks for it. */
export const tracker10M: Group = {
  name: "tracker-10m",
  onlyIf: "named-in-full",
  report: "results-tracker-10m.md",
  async prepare(bench) {
    const index = await startIndexBench(bench, {
      name: "ten-million",
      shares: { seed: 20_261, peers: ANNOUNCING_PEERS, filesPerPeer: FILES_PER_PEER },
      partsOfList: 10,
    });
    return [
      index.announcing({ filesPerSecond: 20_000, heartbeatMs: 100 }),
      index.searching({ selectiveMs: [6, 30], commonMs: [40, 120] }),
      index.holding({ diskBytesPerEntry: 350, peakBytes: 600e6 }),
    ];
  },
};
