import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Contender } from "./trial.ts";

interface TimedCommandOptions {
  readonly command: readonly [string, ...string[]];
  /** How many bytes it moves. */
  readonly bytes: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Before each run, untimed. */
  readonly prepare?: () => Promise<void>;
}

/** A command, timed as a whole process: `bytesPerSecond`, and where the system tells `bytesPerCpuSecond`. */
export function timedCommand(options: TimedCommandOptions): Contender {
  const { command, bytes } = options;
  return {
    command: command.map(quoted).join(" "),
    async run() {
      await options.prepare?.();
      const { seconds, cpuSeconds } = await time(command, options.env);
      return {
        bytesPerSecond: bytes / seconds,
        ...(cpuSeconds === undefined ? {} : { bytesPerCpuSecond: bytes / cpuSeconds }),
      };
    },
  };
}

/** A shell counts its child's processor time, which Node doesn't tell of its own children. */
const COUNTING = 'exec 3>&2; TIMEFORMAT="%R %U %S"; { time "$@" >/dev/null 2>&3 3>&-; } 2>&1';

async function time(
  command: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Promise<{ seconds: number; cpuSeconds: number | undefined }> {
  const child = spawn("bash", ["-c", COUNTING, "bash", ...command], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let errors = "";
  let times = "";
  child.stderr.on("data", (chunk) => (errors += String(chunk)));
  child.stdout.on("data", (chunk) => (times += String(chunk)));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${errors.slice(-500)}`);
  const [real = NaN, user = NaN, system = NaN] = times.trim().split(" ").map(Number);
  return { seconds: real, cpuSeconds: Number.isNaN(user + system) ? undefined : user + system };
}

/** Starts a helper that prints one line when it is ready: its address. */
export async function startHelper(
  command: readonly [string, ...string[]],
): Promise<{ line: string; pid: number; stop(): Promise<void> }> {
  const [file, ...args] = command;
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
  const gone = once(child, "exit");
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return {
    line,
    pid: child.pid!,
    async stop() {
      child.kill("SIGTERM");
      await gone;
    },
  };
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
