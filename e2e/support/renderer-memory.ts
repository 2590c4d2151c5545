import { readFile, readdir } from "node:fs/promises";

/** Process ids of the renderers of the Chromium that uses this profile (Linux). */
export async function rendererPids(profile: string): Promise<number[]> {
  const processes = new Map<number, { parent: number; command: string }>();
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const command = (await readFile(`/proc/${entry}/cmdline`, "utf8")).replaceAll("\0", " ");
      const stat = await readFile(`/proc/${entry}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      processes.set(Number(entry), { parent, command });
    } catch {
      // It ended while we looked.
    }
  }
  const isOfProfile = (pid: number): boolean => {
    const found = processes.get(pid);
    if (found === undefined) return false;
    return found.command.includes(`--user-data-dir=${profile}`) || isOfProfile(found.parent);
  };
  return [...processes]
    .filter(([pid, { command }]) => command.includes("--type=renderer") && isOfProfile(pid))
    .map(([pid]) => pid);
}

/**
 * Proportional set size of the renderers of the Chromium that uses this profile, in bytes (Linux). The heap a page can
 * measure itself counts neither ArrayBuffers nor workers.
 */
export async function rendererPss(profile: string): Promise<number> {
  let bytes = 0;
  for (const pid of await rendererPids(profile)) {
    try {
      const pss = /^Pss:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
      bytes += Number(pss ?? 0) * 1024;
    } catch {
      // It ended while we looked.
    }
  }
  return bytes;
}
