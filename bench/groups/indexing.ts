import { copyFile, mkdir, rm, statfs, utimes, writeFile } from "node:fs/promises";
import { availableParallelism, freemem } from "node:os";
import { join } from "node:path";
import { createTrackerClient } from "@panal/sdk";
import { until } from "../../e2e/support/processes.ts";
import { type Bench, type Group, SAMPLE_BYTES } from "../support/bench.ts";
import { succeeds } from "../support/succeeds.ts";
import { timedCommand } from "../support/timed-command.ts";
import { shareCommand, timedShare } from "../support/timed-share.ts";
import type { Figures, Trial } from "../support/trial.ts";

const GIB = 1024 ** 3;
/** As many GiB as there is room for in memory, where both find them, and on the disk; at most eight. */
const MAX_SAMPLES = 8;
const SMALL_FILES = 100_000;
const FILES_PER_FOLDER = 100;
/** Long ago: nobody is writing them any more. */
const WRITTEN_AT = 1_700_000_000;

/** What a share costs before it is ready, from the start of the process on. */
export const indexing: Group = {
  name: "indexing",
  report: "results.md",
  async prepare(bench) {
    const trackerUrl = (await bench.stage.startTracker()).url;
    const trials = [await smallFilesAgain(bench, trackerUrl)];
    if (succeeds("openssl", "version")) trials.unshift(await largeFiles(bench, trackerUrl));
    else bench.missing("openssl", "apt-get install openssl");
    return trials;
  },
};

async function largeFiles(bench: Bench, trackerUrl: string): Promise<Trial> {
  const sample = join(await bench.sampleShare(), "bench.bin");
  const share = join(bench.folder, "large");
  await mkdir(share);
  const { bavail, bsize } = await statfs(share);
  const room = Math.min(freemem(), bavail * bsize) - 2 * GIB;
  const fileCount = Math.max(1, Math.min(MAX_SAMPLES, Math.floor(room / SAMPLE_BYTES)));
  for (let index = 0; index < fileCount; index++) {
    const path = join(share, `${index}.bin`);
    await copyFile(sample, path);
    await utimes(path, WRITTEN_AT, WRITTEN_AT);
  }
  const bytes = fileCount * SAMPLE_BYTES;
  const options = { share, state: join(bench.folder, "large-state"), trackerUrl, fileCount };
  return {
    rows: [
      {
        name: `indexing ${bytes / GIB} GiB from the start of the peer, against openssl dgst -sha256, one a core`,
        figure: "bytesPerSecond",
        unit: "MiB/s",
        bar: { atLeast: 0.8 },
      },
    ],
    ours: {
      command: `${shareCommand(options).join(" ")}, with nothing in --state, until GetPeer says "indexing": false`,
      async run() {
        await rm(options.state, { recursive: true, force: true });
        const peer = await timedShare(options);
        await peer.stop();
        return { bytesPerSecond: bytes / (peer.readyMs / 1000) };
      },
    },
    theirs: timedCommand({
      bytes,
      command: [
        "bash",
        "-c",
        `find ${share} -type f -print0 | xargs -0 -n 1 -P ${availableParallelism()} openssl dgst -sha256`,
      ],
    }),
  };
}

async function smallFilesAgain(bench: Bench, trackerUrl: string): Promise<Trial> {
  const share = join(bench.folder, "small");
  for (let folder = 0; folder * FILES_PER_FOLDER < SMALL_FILES; folder++) {
    await writeFolder(join(share, `year ${folder % 20}`, `album ${folder}`), folder);
  }
  const options = { share, state: join(bench.folder, "small-state"), trackerUrl, fileCount: SMALL_FILES };
  const tracker = createTrackerClient({ url: trackerUrl });

  /** With the tracker told, which takes memory, too. */
  async function run(): Promise<Figures> {
    const peer = await timedShare(options);
    await until("everything is announced", async () =>
      (await tracker.getStats()).entries === SMALL_FILES ? true : undefined,
    );
    const peakBytes = await peer.peakBytes();
    await peer.stop();
    return { milliseconds: peer.readyMs, ...(peakBytes === undefined ? {} : { peakBytes }) };
  }

  // Hashes them.
  await run();
  return {
    rows: [
      {
        name: `a peer with ${SMALL_FILES} unchanged files, from its start until all are there`,
        figure: "milliseconds",
        unit: "ms",
        bar: { atMost: 3000 },
      },
      ...(process.platform === "linux"
        ? [
            {
              name: `the most memory it takes, with all of them announced`,
              figure: "peakBytes",
              unit: "MiB",
              bar: { atMost: 400e6 },
            } as const,
          ]
        : []),
    ],
    ours: {
      command: `${shareCommand(options).join(" ")}, started again, until GetPeer says "indexing": false`,
      run,
    },
  };
}

async function writeFolder(path: string, seed: number): Promise<void> {
  await mkdir(path, { recursive: true });
  for (let index = 0; index < FILES_PER_FOLDER; index++) {
    const file = join(path, `photo ${index}.jpg`);
    await writeFile(file, `${seed} ${index} `.repeat(20));
    await utimes(file, WRITTEN_AT, WRITTEN_AT);
  }
}
