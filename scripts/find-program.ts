import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

interface ProgramSearch {
  /** What it may be called; the first that is there. */
  readonly names: readonly string[];
  /** The environment variable that names one instead; that one must be there. */
  readonly variable: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A program in PATH, or where administrators' programs are, which isn't in everybody's PATH. */
export function findProgram({ names, variable, env = process.env }: ProgramSearch): string | undefined {
  const named = env[variable] ?? "";
  if (named !== "" && !existsSync(named)) throw new Error(`${variable}: there is no ${named}`);
  if (named !== "") return named;
  return [...(env["PATH"] ?? "").split(delimiter), "/usr/sbin"]
    .filter((folder) => folder !== "")
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}
