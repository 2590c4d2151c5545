import { createHash } from "node:crypto";
import { chmod, mkdir, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { join, sep } from "node:path";
import { PanalError } from "@panal/sdk";
import { type ProcessLock, acquireProcessLock } from "@panal/sdk/node";

/** Where a peer keeps its index and its lease, held against other processes. */
export interface StateFolder {
  readonly path: string;
  readonly lock: ProcessLock;
}

/** Named by share and port, so that each peer of a machine has its own. `root`: real path of the share. */
export function defaultStatePath(
  root: string,
  port: number,
  environment: { platform: NodeJS.Platform; env: NodeJS.ProcessEnv; home: string } = {
    platform: process.platform,
    env: process.env,
    home: homedir(),
  },
): string {
  const name = createHash("sha256").update(`${root}\0${port}`).digest("hex").slice(0, 16);
  return join(stateHome(environment), "panal", "peers", name);
}

/**
 * Creates the folder, readable by its owner alone, and locks it. Throws "conflict" when another process has it, and
 * "invalid" when it lies in the share: it holds a secret.
 */
export async function openStateFolder(path: string, root: string): Promise<StateFolder> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
  } catch (error) {
    const { code, message } = PanalError.from(error);
    throw new PanalError(code, `state folder ${path}: ${message}`, { cause: error });
  }
  const real = await realpath(path);
  if (real === root || real.startsWith(root.endsWith(sep) ? root : root + sep)) {
    throw new PanalError(
      "invalid",
      `the state folder ${path} lies in the share; choose another one with --state`,
    );
  }
  return { path: real, lock: await acquireProcessLock(join(real, "lock"), `the state folder ${path}`) };
}

function stateHome({
  platform,
  env,
  home,
}: {
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
  home: string;
}): string {
  switch (platform) {
    case "darwin":
      return join(home, "Library", "Application Support");
    case "win32":
      return env["LOCALAPPDATA"] ?? join(home, "AppData", "Local");
    default:
      return env["XDG_STATE_HOME"] || join(home, ".local", "state");
  }
}
