import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Stage, createStage } from "../../e2e/support/processes.ts";
import { writeSampleFile } from "../../e2e/support/sample-file.ts";
import type { Trial } from "./trial.ts";

const MIB = 1024 * 1024;
/** What most rows move. */
export const SAMPLE_BYTES = 1024 * MIB;
/** What rows move that are held to a rate: long enough that starting a process is no more than a few hundredths of it. */
export const LIMITED_BYTES = 600e6;

/** Rows that share a set-up. `npm run bench -- name` runs only those. */
export interface Group {
  readonly name: string;
  /** Takes too long to be run with all others, or even with those whose names begin alike. */
  readonly onlyIf?: "asked-for" | "named-in-full";
  /** The file beside main.ts its rows are written to; it isn't written before all groups of the same file were run. */
  readonly report: string;
  /** Starts what the trials need; `bench.defer` ends it. */
  prepare(bench: Bench): Promise<readonly Trial[]>;
}

/** What a group may use while it runs. */
export interface Bench {
  readonly stage: Stage;
  /** Goes away after the group. */
  readonly folder: string;
  /** A folder with one file, `bench.bin`, of bytes that don't repeat (default: SAMPLE_BYTES); made once, read only. */
  sampleShare(lengthBytes?: number): Promise<string>;
  /** Called in reverse order when the group is done. */
  defer(close: () => Promise<void> | void): void;
  /** A tool that isn't installed: its rows are left out, and the report says so. */
  missing(tool: string, howToGetIt: string): void;
}

export interface BenchRun {
  open(): Promise<Bench & { close(): Promise<void> }>;
  readonly missingTools: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

export async function startBench(): Promise<BenchRun> {
  const folder = await mkdtemp(join(tmpdir(), "panal-bench-"));
  const missingTools = new Map<string, string>();
  const samples = new Map<number, Promise<string>>();

  async function writeSample(lengthBytes: number): Promise<string> {
    const share = join(folder, `sample-${lengthBytes}`);
    await mkdir(share);
    await writeSampleFile(join(share, "bench.bin"), lengthBytes);
    return share;
  }

  return {
    missingTools,
    async open() {
      const stage = await createStage();
      const closers: (() => Promise<void> | void)[] = [() => stage.close()];
      return {
        stage,
        folder: stage.folder,
        sampleShare(lengthBytes = SAMPLE_BYTES) {
          const sample = samples.get(lengthBytes) ?? writeSample(lengthBytes);
          samples.set(lengthBytes, sample);
          return sample;
        },
        defer: (close) => closers.push(close),
        missing: (tool, howToGetIt) => missingTools.set(tool, howToGetIt),
        async close() {
          for (const close of closers.splice(0).reverse()) await close();
        },
      };
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The command line of a peer, as it is run here. */
export const PEER_NODE = [
  process.execPath,
  fileURLToPath(new URL("../../peer-node/bin/peer-node.mjs", import.meta.url)),
] as const;
