import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  createTrackerClient,
  download,
  fileIdLength,
  followFileSources,
  isAbort,
  parseFileId,
  trackerEvents,
} from "@panal/sdk";
import { createFileStore, createHashThreads, createNodePeerSource } from "@panal/sdk/node";
import { journaledPieces } from "./journal.ts";
import { type ProcessFigures, figuresOf } from "./process-figures.ts";
import { type Stage, until } from "./processes.ts";
import { sha256Of } from "./sample-file.ts";
import { seededRandom } from "./seeded.ts";
import { FAULTS, type Fault, type SoakFile, startSoakPeers } from "./soak-peers.ts";

const MAX_DOWNLOADS = 3;
const MAX_FAULTS = 3;
/** A download that is to be killed would take so long, and is killed before this part of it has come. */
const KILLED_SECONDS = 3;
const LATEST_KILL = 0.8;

/** Those that live from the beginning to the end: what they hold must not grow. */
export const LONG_LIVED = ["tracker", "peer", "client"] as const;
export type LongLived = (typeof LONG_LIVED)[number];

/** What befalls peers and downloads. */
type SoakFault = Fault | "stop" | "kill client";

export interface SoakSample {
  readonly round: number;
  readonly figures: Readonly<Record<LongLived, ProcessFigures | undefined>>;
}

export interface SoakResult {
  /** After each round. */
  readonly samples: readonly SoakSample[];
  /** How often each came. */
  readonly faults: Readonly<Record<SoakFault, number>>;
  readonly downloads: number;
}

interface SoakOptions {
  readonly stage: Stage;
  readonly seed: number;
  /** Whether to begin this round. */
  goesOn(round: number): boolean;
  onRound?(sample: SoakSample): void;
}

/**
 * Rounds of several downloads at a time, in this process and in processes of their own, of random files, while random
 * peers come and go, freeze, lie, lose their connections and have their files changed, and downloads are stopped or
 * killed and go on. Throws as soon as a file isn't what it should be, or something is left beside it.
 */
export async function soak({ stage, seed, goesOn, onRound }: SoakOptions): Promise<SoakResult> {
  const random = seededRandom(seed);
  const below = (count: number) => Math.floor(random() * count);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const peers = await startSoakPeers(stage);
  const tracker = createTrackerClient({ url: peers.tracker.url });
  const threads = createHashThreads();
  const samples: SoakSample[] = [];
  const faults = Object.fromEntries([...FAULTS, "stop", "kill client"].map((name) => [name, 0])) as Record<
    SoakFault,
    number
  >;
  let downloads = 0;

  /** One run of a download in this process; calls `onFraction` as it goes on. */
  async function run(
    file: SoakFile,
    path: string,
    { stop, onFraction }: { stop: AbortController; onFraction: (fraction: number) => void },
  ): Promise<void> {
    const following = new AbortController();
    const fileId = parseFileId(file.fileId);
    try {
      const signal = following.signal;
      const sources = await followFileSources({
        fileId,
        tracker,
        createSource: createNodePeerSource,
        events: trackerEvents,
        signal,
      });
      let verifiedBytes = 0;
      await download({
        fileId,
        sources,
        store: createFileStore({ path }),
        hashBlocks: threads.hashBlocks,
        allocate: threads.allocate,
        signal: stop.signal,
        onEvent(event) {
          if (event.type !== "piece-verified") return;
          verifiedBytes += event.bytes;
          onFraction(verifiedBytes / fileIdLength(fileId));
        },
      });
    } finally {
      following.abort();
    }
  }

  /** Stopped at a random point, and called again. */
  async function runInTwoParts(file: SoakFile, path: string, at: number): Promise<void> {
    const stop = new AbortController();
    try {
      await run(file, path, { stop, onFraction: (fraction) => fraction >= at && stop.abort() });
    } catch (error) {
      if (!isAbort(error)) throw error;
      faults.stop++;
      await run(file, path, { stop: new AbortController(), onFraction: () => {} });
    }
  }

  /** A process of its own, slow enough to be killed at a random point, and started again. */
  async function runAsProcess(file: SoakFile, path: string, at: number): Promise<void> {
    const args = ["download", file.fileId, "--tracker", peers.tracker.url, "-o", path];
    const slowly = ["--max-download-rate", String(Math.ceil(file.length / KILLED_SECONDS))];
    const child = stage.spawnCli([...args, ...slowly]);
    const closed = once(child, "close");
    child.stdout?.resume();
    child.stderr?.resume();
    const pieces = Math.floor((file.length / 1024 / 1024) * at * LATEST_KILL);
    await until("a process has come so far", async () =>
      child.exitCode !== null || (await journaledPieces(`${path}.part.journal`)) >= pieces ? true : undefined,
    );
    if (child.kill("SIGKILL")) faults["kill client"]++;
    await closed;
    const { code, stderr } = await stage.runCli(args);
    if (code !== 0) throw new Error(`${file.name}: ended with ${code}: ${stderr}`);
  }

  async function checked(file: SoakFile, way: (path: string) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(stage.folder, "saved-"));
    const path = join(folder, file.name);
    await way(path);
    downloads++;
    const digest = await sha256Of(path);
    if (digest !== file.digest)
      throw new Error(`${path} has the SHA-256 ${digest} instead of ${file.digest}`);
    const left = await readdir(folder);
    if (left.length !== 1) throw new Error(`left beside ${path}: ${left.join(", ")}`);
    await rm(folder, { recursive: true });
  }

  async function playRound(): Promise<void> {
    const file = pick(peers.files);
    /** In the order of the points at which they come. */
    const coming = Array.from({ length: below(MAX_FAULTS + 1) }, () => ({
      fault: pick(FAULTS),
      peer: below(peers.fickle),
      at: random(),
    })).sort((a, b) => a.at - b.at);
    const others = Array.from({ length: below(MAX_DOWNLOADS) }, () => ({
      file: pick(peers.files),
      isProcess: random() < 0.3,
      at: random(),
    }));
    let inflicted = Promise.resolve();
    const onFraction = (fraction: number) => {
      while (coming.length > 0 && coming[0]!.at <= fraction) {
        const { fault, peer } = coming.shift()!;
        faults[fault]++;
        // One after the other: a peer that is being started can't be killed yet.
        inflicted = inflicted.then(() => peers.inflict(fault, peer, file));
      }
    };
    await Promise.all([
      checked(file, (path) => run(file, path, { stop: new AbortController(), onFraction })),
      ...others.map(({ file: other, isProcess, at }) =>
        checked(other, (path) => (isProcess ? runAsProcess : runInTwoParts)(other, path, at)),
      ),
    ]);
    await inflicted;
    await peers.heal();
  }

  try {
    for (let round = 0; goesOn(round); round++) {
      await playRound();
      const [ofTracker, ofPeer, ofClient] = await Promise.all(
        [peers.tracker.child.pid!, peers.steady.child.pid!, process.pid].map(figuresOf),
      );
      const sample = { round, figures: { tracker: ofTracker, peer: ofPeer, client: ofClient } };
      samples.push(sample);
      onRound?.(sample);
    }
    return { samples, faults, downloads };
  } finally {
    await peers.close();
    await threads.close();
  }
}
