import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The Caddy to test with: the one PANAL_CADDY names (it must be there), else the first in PATH. */
export function findCaddy(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env["PANAL_CADDY"] ?? "";
  if (named !== "" && !existsSync(named)) throw new Error(`PANAL_CADDY: there is no ${named}`);
  if (named !== "") return named;
  return (env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, "caddy"))
    .find((path) => existsSync(path));
}
