import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { createNodePeerClient } from "@panal/sdk/node";
import { until } from "../../e2e/support/processes.ts";
import { PEER_NODE } from "./bench.ts";

interface ShareOptions {
  readonly share: string;
  readonly state: string;
  readonly trackerUrl: string;
  readonly fileCount: number;
}

export interface TimedShare {
  /** From before the process was there until it had all files and looked for no more. */
  readonly readyMs: number;
  /** Most memory it had so far, in bytes; undefined where the system doesn't tell. */
  peakBytes(): Promise<number | undefined>;
  stop(): Promise<void>;
}

export function shareCommand({ share, state, trackerUrl }: ShareOptions): readonly [string, ...string[]] {
  const options = ["--tracker", trackerUrl, "--port", "0", "--host", "127.0.0.1", "--state", state];
  return [...PEER_NODE, "share", ...options, share];
}

/** Starts a peer and asks it until it says that nothing is left to index. */
export async function timedShare(options: ShareOptions): Promise<TimedShare> {
  const [file, ...args] = shareCommand(options);
  const fromMs = performance.now();
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
  const gone = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([once(lines, "line") as Promise<[string]>, gone.then(() => ["nothing"])]);
  const url = / at (http:\S+)$/.exec(line)?.[1];
  if (url === undefined) throw new Error(`no address in: ${line}`);
  const client = createNodePeerClient(url);
  await until("everything is indexed", async () => {
    const { indexing, fileCount } = await client.getPeer({});
    return !indexing && Number(fileCount) === options.fileCount ? true : undefined;
  });
  return {
    readyMs: performance.now() - fromMs,
    async peakBytes() {
      const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => "");
      const kib = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
      return kib === undefined ? undefined : Number(kib) * 1024;
    },
    async stop() {
      child.kill("SIGTERM");
      await gone;
    },
  };
}
