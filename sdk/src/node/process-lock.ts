import { open, readFile, unlink } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { PanalError } from "../errors.ts";

/** Held by this process until it is released; a lock of a process that is gone is taken over. */
export interface ProcessLock {
  release(): Promise<void>;
}

/** Who makes a lock writes its name into it at once; one that stays empty for so long was left by a crash. */
const NAMING_MS = 500;
const NAMING_TRIES = 25;

/**
 * Locks `path` against other processes of this machine: a file that holds who has it. `what` names the thing in the
 * error. Throws "conflict" when a living process holds it.
 */
export async function acquireProcessLock(path: string, what: string): Promise<ProcessLock> {
  if (!(await createLock(path))) {
    await refuseWhenHeld(path, what);
    // Only one at a time removes what a crash has left, or the second would remove the lock of the first.
    const takeover = await acquireProcessLock(`${path}.takeover`, what);
    try {
      await refuseWhenHeld(path, what);
      await unlink(path).catch(() => {});
      if (!(await createLock(path))) throw new PanalError("conflict", `${what} is in use`);
    } finally {
      await takeover.release();
    }
  }
  return { release: () => unlink(path).catch(() => {}) };
}

/** False when there is one. */
async function createLock(path: string): Promise<boolean> {
  const mine = JSON.stringify({ pid: process.pid, started: await startOf(process.pid) });
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(mine);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (PanalError.from(error).code === "conflict") return false;
    throw PanalError.from(error);
  }
}

async function refuseWhenHeld(path: string, what: string): Promise<void> {
  const holder = await holderOf(path);
  if (holder === undefined) return;
  throw new PanalError("conflict", `${what} is in use by process ${holder} (if it isn't, remove ${path})`);
}

/** The process id in a lock file, when that process is still the one that wrote it. */
async function holderOf(path: string): Promise<number | undefined> {
  const held = await readLock(path);
  if (typeof held !== "object" || held === null || !("pid" in held) || typeof held.pid !== "number")
    return undefined;
  if (!isAlive(held.pid)) return undefined;
  const started = "started" in held ? held.started : undefined;
  return started === (await startOf(held.pid)) ? held.pid : undefined;
}

/** What is in a lock file; undefined when it is gone, or nothing that can be read comes. */
async function readLock(path: string): Promise<unknown> {
  for (let tries = 0; tries < NAMING_TRIES; tries++) {
    try {
      return JSON.parse(await readFile(path, "utf8"));
    } catch (error) {
      if (!(error instanceof SyntaxError)) return undefined;
    }
    await setTimeout(NAMING_MS / NAMING_TRIES);
  }
  return undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return PanalError.from(error).code === "no-permission";
  }
}

/** When a process started, where the system tells (Linux): numbers of processes are used again. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // Field 22; the name in field 2 may hold spaces, so count from its closing parenthesis.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
