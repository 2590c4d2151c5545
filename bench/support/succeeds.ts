import { spawnSync } from "node:child_process";

/** Whether a command is there and ends well. */
export function succeeds(...[command, ...args]: readonly [string, ...string[]]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}
