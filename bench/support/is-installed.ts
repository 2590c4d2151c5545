import { spawnSync } from "node:child_process";

/** Whether a command is there and ends well, `--version` mostly. */
export function isInstalled(...[command, ...args]: readonly [string, ...string[]]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}
