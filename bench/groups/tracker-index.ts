import type { Group } from "../support/bench.ts";
import { startIndexBench } from "../support/index-bench.ts";

const ANNOUNCING_PEERS = 100;
const FILES_PER_PEER = 10_000;

/** A million files: getting them in, finding them, changing them. */
export const trackerIndex: Group = {
  name: "tracker-index",
  onlyIf: "asked-for",
  report: "results-tracker.md",
  async prepare(bench) {
    const index = await startIndexBench(bench, {
      name: "million",
      shares: { seed: 20_260, peers: ANNOUNCING_PEERS, filesPerPeer: FILES_PER_PEER },
      partsOfList: 1,
    });
    return [
      index.announcing({ filesPerSecond: 20_000, heartbeatMs: 100 }),
      index.searching({ selectiveMs: [3, 15], commonMs: [20, 60] }),
      index.changing({ peersPerRound: 10, atMost: 0.03 }),
      index.holding({ diskBytesPerEntry: 350, peakBytes: 600e6 }),
    ];
  },
};
