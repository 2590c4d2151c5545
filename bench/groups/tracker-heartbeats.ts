import { type LoadGenerator, startLoadGenerator } from "../load/load-generator.ts";
import type { SaturateJob } from "../load/saturate.ts";
import type { Bench, Group } from "../support/bench.ts";
import { heartbeatRequest, startBenchTracker } from "../support/bench-tracker.ts";
import {
  BITTORRENT_TRACKER,
  announceRequest,
  startBittorrentTracker,
} from "../support/bittorrent-tracker.ts";
import { cpuSecondsOf } from "../support/process-costs.ts";
import type { Contender, Figures } from "../support/trial.ts";

const PEERS = 1000;
/** An announcement is answered with the others of the swarm, at most fifty. */
const PEERS_PER_SWARM = 10;
const CONNECTIONS = 64;
const DURATION_MS = 2000;

/** How many peers say at once that they live. */
export const trackerHeartbeats: Group = {
  name: "tracker-heartbeats",
  onlyIf: "asked-for",
  report: "results-tracker.md",
  async prepare(bench) {
    const generator = await startLoadGenerator();
    bench.defer(generator.close);
    const ours = await ourContender(bench, generator);
    const theirs = await bittorrentContender(bench, generator);
    if (theirs === undefined) {
      bench.missing(BITTORRENT_TRACKER, "it is fetched from the npm registry, which couldn't be reached");
      return [];
    }
    return [
      {
        rows: [
          {
            name: `heartbeats, one process, SQLite, against announcements to ${BITTORRENT_TRACKER} over HTTP`,
            figure: "answersPerSecond",
            unit: "/s",
            bar: { atLeast: 1.5 },
          },
          {
            name: "the same by what a second of the tracker's processor answers, however busy the machine",
            figure: "answersPerCpuSecond",
            unit: "/s",
            bar: { atLeast: 1.5 },
          },
        ],
        ours,
        theirs,
      },
    ];
  },
};

async function ourContender(bench: Bench, generator: LoadGenerator): Promise<Contender> {
  const tracker = await startBenchTracker(bench, "heartbeats");
  const peers = await tracker.registerPeers(PEERS);
  return {
    command: `${tracker.command}: ${CONNECTIONS} connections on which ${PEERS} peers' heartbeats go one after the other, for ${DURATION_MS / 1000} s`,
    run: () =>
      saturated(generator, tracker.pid, {
        port: tracker.port,
        requests: peers.map((peer) => heartbeatRequest(peer, tracker.port)),
        expected: { type: "text", includes: "expiresAt" },
      }),
  };
}

async function bittorrentContender(bench: Bench, generator: LoadGenerator): Promise<Contender | undefined> {
  const tracker = await startBittorrentTracker();
  if (tracker === undefined) return undefined;
  bench.defer(tracker.stop);
  const requests = Array.from({ length: PEERS }, (_, peer) =>
    announceRequest({ peer, swarm: Math.floor(peer / PEERS_PER_SWARM) }, tracker.port),
  );
  return {
    command: `${tracker.command}: the same with GET /announce of ${PEERS} peers, ${PEERS_PER_SWARM} a swarm`,
    run: () =>
      saturated(generator, tracker.pid, {
        port: tracker.port,
        requests,
        expected: { type: "text", includes: "8:interval", without: "failure reason" },
      }),
  };
}

/** What the process answers to as many requests as it can. */
async function saturated(
  generator: LoadGenerator,
  pid: number,
  requests: Pick<SaturateJob, "port" | "requests" | "expected">,
): Promise<Figures> {
  const before = await cpuSecondsOf(pid);
  const { answers, answersPerSecond } = await generator.run({
    type: "saturate",
    ...requests,
    connections: CONNECTIONS,
    durationMs: DURATION_MS,
  });
  return { answersPerSecond, answersPerCpuSecond: answers / ((await cpuSecondsOf(pid)) - before) };
}
