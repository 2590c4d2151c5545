import { chooseQueries } from "../corpus/queries.ts";
import { type SharesOptions, createShares } from "../corpus/shares.ts";
import { startLoadGenerator } from "../load/load-generator.ts";
import { percentile } from "../load/percentile.ts";
import { heartbeatRequest, startBenchTracker } from "./bench-tracker.ts";
import type { Bench } from "./bench.ts";
import { type SentPart, createIndexLists } from "./index-lists.ts";
import { createIndexSearches } from "./index-searches.ts";
import { diskBytesOf, peakBytesOf, untilIdle } from "./process-costs.ts";
import type { Row, Trial } from "./trial.ts";

const HEARTBEATING_PEERS = 1000;
/** Theirs, one each ten seconds. */
const HEARTBEATS_PER_SECOND = 100;
const SEARCHES_PER_SECOND = 200;
/** Of a round: 4 s. */
const SEARCHES = 800;

interface IndexBenchOptions {
  /** Of the folder. */
  readonly name: string;
  readonly shares: SharesOptions;
  /** In how many requests a list comes. */
  readonly partsOfList: number;
}

/** Trials of one tracker with very many files, in the order they are to be run: the first fills it. */
export interface IndexBench {
  announcing(bars: { filesPerSecond: number; heartbeatMs: number }): Trial;
  /** Bars are of half of all searches, and of 99 in 100. */
  searching(bars: { selectiveMs: readonly [number, number]; commonMs: readonly [number, number] }): Trial;
  /** Some peers have a hundredth of their files changed: as a delta, against the whole list. */
  changing(options: { peersPerRound: number; atMost: number }): Trial;
  /** What is there in the end. */
  holding(bars: { diskBytesPerEntry: number; peakBytes: number }): Trial;
}

export async function startIndexBench(bench: Bench, options: IndexBenchOptions): Promise<IndexBench> {
  const { shares } = options;
  const entries = shares.peers * shares.filesPerPeer;
  const size = `${entries / 1e6} M`;
  const tracker = await startBenchTracker(bench, options.name);
  const [sending, asking] = await Promise.all([startLoadGenerator(), startLoadGenerator()]);
  bench.defer(sending.close);
  bench.defer(asking.close);
  const peers = await tracker.registerPeers(shares.peers);
  const others = await tracker.registerPeers(HEARTBEATING_PEERS);
  const lists = createIndexLists({ tracker, sending, shares, peers });
  const queries = chooseQueries(createShares(shares));
  const searches = createIndexSearches({ tracker, asking, queries });

  /** What takes minutes says how it goes, so that a run that is ended early has said something. */
  async function notePart({ number, seconds, postponed }: SentPart): Promise<void> {
    const files = entries / options.partsOfList;
    const [disk, peak] = await Promise.all([diskBytesOf(tracker.dataDir), peakBytesOf(tracker.pid)]);
    console.log(
      `  ${((number * files) / 1e6).toFixed(1)} M files are there: the last came at ${Math.round(files / seconds)} a second` +
        `, ${postponed} times a peer had to come again; ${Math.round(disk / number / files)} bytes of disk each` +
        `, the log included; ${Math.round(peak / 1e6)} MB of memory at most`,
    );
  }

  return {
    announcing: (bars) => ({
      rounds: 1,
      rows: [
        {
          name: `announcing ${size} files from ${shares.peers} peers at once, heartbeats of ${HEARTBEATING_PEERS} others going on`,
          figure: "filesPerSecond",
          unit: "/s",
          bar: { atLeast: bars.filesPerSecond },
        },
        msRow(`of those heartbeats, 99 of 100 are answered within`, "heartbeatMs", bars.heartbeatMs),
      ],
      ours: {
        command: `${tracker.command}: PUT /api/v1/peers/ID/files of ${shares.filesPerPeer} files each, until the last of each list is found by its name; and ${HEARTBEATS_PER_SECOND} heartbeats/s`,
        async run() {
          const beating = asking.run({
            type: "pace",
            port: tracker.port,
            requests: others.map((peer) => ({
              bytes: heartbeatRequest(peer, tracker.port),
              expected: { type: "text" as const, includes: "expiresAt" },
              label: "heartbeat",
            })),
            ratePerSecond: HEARTBEATS_PER_SECOND,
          });
          // It fails only with an answer that isn't one, and then at once.
          const seconds = await Promise.race([
            lists.fill(options.partsOfList, notePart),
            beating.then(() => Promise.reject(new Error("the heartbeats ended"))),
          ]);
          asking.stop();
          const { heartbeat = [] } = await beating;
          await searches.check();
          return { filesPerSecond: entries / seconds, heartbeatMs: percentile(heartbeat, 0.99) };
        },
      },
    }),

    searching: ({ selectiveMs, commonMs }) => ({
      rows: [
        msRow(
          `${SEARCHES_PER_SECOND} searches/s of ${size} files, four in five selective: half of those within`,
          "selective50",
          selectiveMs[0],
        ),
        msRow("and 99 of 100 of those within", "selective99", selectiveMs[1]),
        msRow("one in five for a common word: half of those within", "common50", commonMs[0]),
        msRow("and 99 of 100 of those within", "common99", commonMs[1]),
      ],
      ours: {
        command: `GET /api/v1/files?q=...&limit=50 of ${queries.selective.length} selective queries (50 to 999 files, one word or two) and ${queries.common.length} common words (each in over 1 % of all names); from when a search was due`,
        async run() {
          const figures = await searches.ask({ count: SEARCHES, ratePerSecond: SEARCHES_PER_SECOND });
          const shown = Object.entries(figures).map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`);
          console.log(`  a round: ${shown.join(", ")}`);
          return figures;
        },
      },
    }),

    changing: ({ peersPerRound, atMost }) => ({
      rows: [
        {
          name: `1 % of the files change, of ${peersPerRound} peers in ${size} files: what their deltas cost the tracker, against whole lists`,
          figure: "cpuSeconds",
          unit: "CPU seconds",
          bar: { atMost },
        },
        { name: "and what is sent", figure: "bytes", unit: "KB", bar: { atMost } },
      ],
      ours: {
        command: `${tracker.command}: PATCH /api/v1/peers/ID/files; processor seconds until it is idle again`,
        run: () => lists.change("delta", peersPerRound),
      },
      theirs: {
        command: "PUT /api/v1/peers/ID/files of the same peers, a hundredth of whose files has changed",
        run: () => lists.change("whole", peersPerRound),
      },
    }),

    holding: ({ diskBytesPerEntry, peakBytes }) => ({
      rounds: 1,
      rows: [
        {
          name: `disk per file entry, with ${size}`,
          figure: "diskBytesPerEntry",
          unit: "bytes",
          bar: { atMost: diskBytesPerEntry },
        },
        {
          name: "the most memory the tracker has taken so far",
          figure: "peakBytes",
          unit: "MB",
          bar: { atMost: peakBytes },
        },
      ],
      ours: {
        command: "all files in --data when it is idle; VmHWM in /proc",
        async run() {
          await untilIdle(tracker.pid);
          return {
            diskBytesPerEntry: (await diskBytesOf(tracker.dataDir)) / entries,
            peakBytes: await peakBytesOf(tracker.pid),
          };
        },
      },
    }),
  };
}

function msRow(name: string, figure: string, atMost: number): Row {
  return { name, figure, unit: "ms", bar: { atMost } };
}
