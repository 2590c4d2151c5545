import { open, readFile, unlink } from "node:fs/promises";
import { PanalError } from "../errors.ts";

/** Held by this process until it is released; a lock of a process that is gone is taken over. */
export interface ProcessLock {
  release(): Promise<void>;
}

/**
 * Locks `path` against other processes of this machine: a file that holds who has it. `what` names the thing in the
 * error. Throws "conflict" when a living process holds it.
 */
export async function acquireProcessLock(path: string, what: string): Promise<ProcessLock> {
  const mine = JSON.stringify({ pid: process.pid, started: await startOf(process.pid) });
  for (let attempt = 0; ; attempt++) {
    try {
      const file = await open(path, "wx", 0o600);
      try {
        await file.writeFile(mine);
      } finally {
        await file.close();
      }
      return { release: () => unlink(path).catch(() => {}) };
    } catch (error) {
      if (PanalError.from(error).code !== "conflict" || attempt === 2) throw PanalError.from(error);
    }
    const holder = await holderOf(path);
    if (holder !== undefined) {
      throw new PanalError(
        "conflict",
        `${what} is in use by process ${holder} (if it isn't, remove ${path})`,
      );
    }
    await unlink(path).catch(() => {});
  }
}

/** The process id in a lock file, when that process is still the one that wrote it. */
async function holderOf(path: string): Promise<number | undefined> {
  let held: unknown;
  try {
    held = JSON.parse(await readFile(path, "utf8"));
  } catch {
    // Being written just now, or cut off by a crash: the next attempt or the takeover settles it.
    return undefined;
  }
  if (typeof held !== "object" || held === null || !("pid" in held) || typeof held.pid !== "number")
    return undefined;
  if (!isAlive(held.pid)) return undefined;
  const started = "started" in held ? held.started : undefined;
  return started === (await startOf(held.pid)) ? held.pid : undefined;
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
