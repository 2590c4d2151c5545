import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "./run-command.ts";

/** Longer than a peer takes to let its clients end. */
const STOP_TIMEOUT_MS = 15_000;
const REMEMBERED_LINES = 12;

/** One of the programs that `npm start` runs. */
export interface Program {
  readonly name: string;
  /** Settles when it is gone, with how that came: "exit code 1", "SIGKILL". */
  readonly ended: Promise<string>;
  /** The last lines it printed. */
  readonly lastLines: readonly string[];
  /** Asks it to end, insists after 15 s, and settles when it is gone. */
  stop(): Promise<void>;
}

export interface ProgramOptions {
  name: string;
  /** Relative to the repository. */
  script: string;
  args: readonly string[];
  onLine: (line: string) => void;
}

/**
 * Starts a program on the Node that runs this. It isn't reached by the terminal's Ctrl-C, so that its starter decides
 * the order in which things end, and it ends by itself when its starter is gone.
 */
export function startProgram({ name, script, args, onLine }: ProgramOptions): Program {
  const endWithParent = new URL("end-with-parent.ts", import.meta.url).href;
  const child = spawn(process.execPath, ["--import", endWithParent, join(ROOT, script), ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: process.platform !== "win32",
  });
  const lastLines: string[] = [];
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on("line", (line) => {
      lastLines.push(line);
      if (lastLines.length > REMEMBERED_LINES) lastLines.shift();
      onLine(line);
    });
  }
  // "close", not "exit": by then its last words have been read.
  const ended = once(child, "close").then(
    ([exitCode, signal]) => (signal === null ? `exit code ${String(exitCode)}` : String(signal)),
    (error: unknown) => String(error),
  );
  return {
    name,
    ended,
    lastLines,
    async stop() {
      if (!isRunning(child)) return;
      child.kill("SIGTERM");
      const insisting = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(insisting);
    },
  };
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
