import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Long enough for a loaded machine; nothing waits this long unless it is broken. */
const PATIENCE_MS = 60_000;

export interface Started {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it has printed, both streams. */
  readonly output: () => string;
  /** SIGTERM by default; settles when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface Stage {
  /** A folder that goes away with the stage. */
  readonly folder: string;
  startTracker(options?: { args?: string[] }): Promise<Started>;
  startPeer(options: { share: string; trackerUrl: string; name: string; args?: string[] }): Promise<Started>;
  /** Runs the command line to its end. */
  runCli(args: string[], options?: CliOptions): Promise<CliResult>;
  spawnCli(args: string[], options?: CliOptions): ChildProcess;
  close(): Promise<void>;
}

interface CliOptions {
  cwd?: string;
  env?: Record<string, string>;
}

interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Real processes on loopback with ports the system chooses, ended by their ids. */
export async function createStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "panal-e2e-"));
  const started: Started[] = [];
  let states = 0;

  async function start(script: string, args: string[]): Promise<Started> {
    const child = spawn(process.execPath, [join(root, script), ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      cwd: folder,
    });
    let output = "";
    const ready = Promise.withResolvers<string>();
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        output += `${line}\n`;
        const url = /https?:\/\/(?:127\.0\.0\.1|localhost):\d+/.exec(line.replace(trackerOf(args), ""))?.[0];
        if (url !== undefined) ready.resolve(url.replace("localhost", "127.0.0.1"));
      });
    }
    child.once("exit", (code) => ready.reject(new Error(`${script} ended with ${code}:\n${output}`)));
    const self: Started = {
      get url() {
        return url;
      },
      child,
      output: () => output,
      async stop(signal = "SIGTERM") {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, "exit");
        child.kill(signal);
        await gone;
      },
    };
    started.push(self);
    const url = await ready.promise;
    return self;
  }

  const stage: Stage = {
    folder,
    startTracker: ({ args = [] } = {}) =>
      start("tracker/bin/panal-tracker.mjs", [
        "--port",
        "0",
        "--host",
        "127.0.0.1",
        "--data",
        join(folder, "tracker"),
        ...args,
      ]),
    startPeer: ({ share, trackerUrl, name, args = [] }) =>
      start("peer-node/bin/peer-node.mjs", [
        "share",
        ...cliOptions({
          tracker: trackerUrl,
          port: "0",
          host: "127.0.0.1",
          name,
          state: join(folder, `state-${states++}`),
        }),
        ...args,
        share,
      ]),
    spawnCli: (args, options = {}) =>
      spawn(process.execPath, [join(root, "peer-node/bin/peer-node.mjs"), ...args], {
        stdio: ["ignore", "pipe", "pipe"],
        cwd: options.cwd ?? folder,
        env: { ...process.env, ...options.env },
      }),
    async runCli(args, options) {
      const child = stage.spawnCli(args, options);
      let [stdout, stderr] = ["", ""];
      child.stdout?.on("data", (chunk) => (stdout += String(chunk)));
      child.stderr?.on("data", (chunk) => (stderr += String(chunk)));
      const [code] = (await once(child, "close")) as [number | null];
      return { code, stdout, stderr };
    },
    async close() {
      await Promise.allSettled(started.map((process) => process.stop("SIGKILL")));
      await rm(folder, { recursive: true, force: true });
    },
  };
  return stage;
}

function cliOptions(options: Record<string, string>): string[] {
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
}

/** The tracker's address is printed by peers, too: it isn't theirs. */
function trackerOf(args: string[]): string {
  const at = args.indexOf("--tracker");
  return at < 0 ? "\0" : (args[at + 1] ?? "\0");
}

/** Asks again until the answer is there; throws what it was asked for when it never comes. */
export async function until<T>(what: string, ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The file id of the one file whose path matches, once `peers` live peers have it. */
export async function announced(trackerUrl: string, words: string, peers: number): Promise<string> {
  return until(`${peers} peers announce ${words}`, async () => {
    const response = await fetch(`${trackerUrl}/api/v1/files?q=${encodeURIComponent(words)}`);
    const page = (await response.json()) as {
      files: { fileId: string; peerCount: number }[];
      didYouMean?: string;
    };
    // Until it is there, others with nearly this name are what the tracker gives.
    if (page.didYouMean !== undefined) return undefined;
    return page.files.find(({ peerCount }) => peerCount >= peers)?.fileId;
  });
}
