import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";

/** The top of the repository. */
export const ROOT = join(import.meta.dirname, "..");

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

interface RunOptions {
  /** Default: the top of the repository. */
  cwd?: string;
  env?: Record<string, string>;
  /** Whether output goes straight to the screen; then the result's `output` is empty. */
  isShown?: boolean;
}

/**
 * Runs a command without a shell, with the repository's own tools first in PATH and nothing on stdin. A command that
 * can't be started gives exit code 127; one that a signal ended, 1.
 */
export function runCommand(
  command: Command,
  options: RunOptions = {},
): Promise<{ exitCode: number; output: string }> {
  const [program, ...args] = command;
  const path = `${join(ROOT, "node_modules", ".bin")}${delimiter}${process.env["PATH"] ?? ""}`;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? ROOT,
      env: { ...process.env, ...options.env, PATH: path },
      stdio: options.isShown ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
      // npm's tools are .cmd files there, which only a shell starts.
      shell: process.platform === "win32",
    });
    let output = "";
    const collect = (chunk: Buffer) => (output += chunk.toString());
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    // Whoever ends a script ends what it started, and doesn't want the next step.
    const stop = () => {
      child.kill("SIGTERM");
      process.exit(143);
    };
    process.once("SIGTERM", stop);
    const settle = (exitCode: number, text: string) => {
      process.off("SIGTERM", stop);
      resolve({ exitCode, output: text });
    };
    child.once("error", (error) => settle(127, `${output}${program}: ${error.message}\n`));
    child.once("close", (exitCode) => settle(exitCode ?? 1, output));
  });
}
