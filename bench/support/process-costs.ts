import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

// What a process has cost so far, as Linux tells it in /proc.

/** In /proc a second has a hundred ticks, on whatever machine. */
const TICKS_PER_SECOND = 100;
const LOOK_EVERY_MS = 250;
/** Of a core: less than this, and only clocks are ticking. */
const IDLE_SHARE = 0.04;
/** Together longer than upkeep rests between two turns. */
const IDLE_LOOKS = 3;

/** Of all its threads, in user and system mode. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8");
  // The second field is a name in brackets that may hold anything.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The most memory it has had resident at one time. */
export async function peakBytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error(`/proc/${pid}/status tells no peak`);
  return Number(kib) * 1024;
}

/** Waits until it does nothing any more, what it put off included. */
export async function untilIdle(pid: number): Promise<void> {
  let before = await cpuSecondsOf(pid);
  for (let looks = 0; looks < IDLE_LOOKS;) {
    await sleep(LOOK_EVERY_MS);
    const now = await cpuSecondsOf(pid);
    looks = now - before <= (IDLE_SHARE * LOOK_EVERY_MS) / 1000 ? looks + 1 : 0;
    before = now;
  }
}

/** What the files of a folder take on the disk. */
export async function diskBytesOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const files = await Promise.all(names.map((name) => stat(join(folder, name))));
  return files.filter((file) => file.isFile()).reduce((sum, { blocks }) => sum + blocks * 512, 0);
}
