import { delayWithin } from "../load/delays.ts";
import { startLoadGenerator } from "../load/load-generator.ts";
import type { Group } from "../support/bench.ts";
import { startBenchTracker } from "../support/bench-tracker.ts";
import { peakBytesOf } from "../support/process-costs.ts";

const LISTENERS = 5000;
/** Those who listen are spread over two processes, so that theirs isn't the delay. */
const LISTENING_PROCESSES = 2;
const PEERS = 100;
const CHANGES_PER_SECOND = 100;
/** In a round: 3 s. A multiple of the number of peers. */
const CHANGES = 300;

/** Very many who listen to all that happens. */
export const trackerEvents: Group = {
  name: "tracker-events",
  onlyIf: "asked-for",
  report: "results-tracker.md",
  async prepare(bench) {
    const tracker = await startBenchTracker(bench, "events");
    const peers = await tracker.registerPeers(PEERS);
    const changing = await startLoadGenerator();
    bench.defer(changing.close);
    const listening = await Promise.all(Array.from({ length: LISTENING_PROCESSES }, startLoadGenerator));
    for (const generator of listening) {
      bench.defer(generator.close);
      const listeners = LISTENERS / LISTENING_PROCESSES;
      await generator.run({ type: "listen", port: tracker.port, listeners });
    }
    let revision = 0;
    return [
      {
        rows: [
          {
            name: `${LISTENERS} event listeners, ${CHANGES_PER_SECOND} changes/s: 99 of 100 hear of a change within`,
            figure: "delayMs",
            unit: "ms",
            bar: { atMost: 1000 },
          },
          {
            name: "the most memory the tracker takes for that",
            figure: "peakBytes",
            unit: "MB",
            bar: { atMost: 700e6 },
          },
        ],
        ours: {
          command: `${tracker.command}: ${LISTENERS} GET /api/v1/events, and PATCHes of ${PEERS} peers' lists with one file each; from when a change was due until the event is read`,
          async run() {
            const heard = listening.map((generator) => generator.run({ type: "listened", changes: CHANGES }));
            const changed = changing.run({
              type: "change",
              port: tracker.port,
              peers: peers.map((peer) => ({ ...peer, revision })),
              ratePerSecond: CHANGES_PER_SECOND,
              count: CHANGES,
            });
            const [delays] = await Promise.all([Promise.all(heard), changed]);
            revision += CHANGES / PEERS;
            return { delayMs: delayWithin(delays, 0.99), peakBytes: await peakBytesOf(tracker.pid) };
          },
        },
      },
    ];
  },
};
