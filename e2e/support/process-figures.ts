import { readFile, readdir } from "node:fs/promises";

/** What a process holds at a moment. */
export interface ProcessFigures {
  readonly memoryBytes: number;
  /** Open files, sockets and the like. */
  readonly handles: number;
}

/** Resident memory and handles of a process; undefined where the system doesn't tell in `/proc` (Linux does). */
export async function figuresOf(pid: number): Promise<ProcessFigures | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    const handles = await readdir(`/proc/${pid}/fd`);
    return {
      memoryBytes: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024,
      handles: handles.length,
    };
  } catch {
    return undefined;
  }
}
