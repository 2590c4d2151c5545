import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["firefox-esr", "firefox"];

/** The Firefox to test with: the one PANAL_FIREFOX names (it must be there), else the first in PATH. */
export function findFirefox(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env["PANAL_FIREFOX"] ?? "";
  if (named !== "" && !existsSync(named)) throw new Error(`PANAL_FIREFOX: there is no ${named}`);
  if (named !== "") return named;
  return (env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}
