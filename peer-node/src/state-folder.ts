import { createHash } from "node:crypto";
import { chmod, mkdir, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, resolve, sep } from "node:path";
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
  const inShare = new PanalError(
    "invalid",
    `the state folder ${path} lies in the share; choose another one with --state`,
  );
  // Before anything is created there, and again when links can't lead elsewhere any more.
  if (isWithin(await realPathOfFuture(resolve(path)), root)) throw inShare;
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
  } catch (error) {
    const { code, message } = PanalError.from(error);
    throw new PanalError(code, `state folder ${path}: ${message}`, { cause: error });
  }
  const real = await realpath(path);
  if (isWithin(real, root)) throw inShare;
  return { path: real, lock: await acquireProcessLock(join(real, "lock"), `the state folder ${path}`) };
}

/** Where a path will really be, when some of its last folders aren't there yet. */
async function realPathOfFuture(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await realPathOfFuture(parent), basename(path));
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
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
