import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT, runCommand } from "../../scripts/run-command.ts";
import { startHelper } from "./timed-command.ts";

const VERSION = "11.2.3";
/** Not in git; kept for the next run. */
const FOLDER = join(ROOT, "bench", ".tools", `bittorrent-tracker-${VERSION}`);
const SERVER = join(FOLDER, "node_modules", "bittorrent-tracker", "server.js");
const RUNNER = fileURLToPath(new URL("bittorrent-tracker-server.ts", import.meta.url));

export const BITTORRENT_TRACKER = `bittorrent-tracker@${VERSION}`;

/** bittorrent-tracker of the npm registry, fetched when it isn't there yet; undefined when it can't be had. */
export async function startBittorrentTracker(): Promise<
  { port: number; pid: number; command: string; stop(): Promise<void> } | undefined
> {
  if (!existsSync(SERVER)) {
    await mkdir(FOLDER, { recursive: true });
    // Its browser parts come as programs built for each system, which nobody needs here.
    const options = ["--prefix", FOLDER, "--no-save", "--ignore-scripts", "--omit=optional", "--no-audit"];
    const { exitCode } = await runCommand(["npm", "install", ...options, BITTORRENT_TRACKER]);
    if (exitCode !== 0 || !existsSync(SERVER)) return undefined;
  }
  const { line, pid, stop } = await startHelper([process.execPath, RUNNER, SERVER]);
  return { port: Number(new URL(line).port), pid, command: `${process.execPath} ${RUNNER} ${SERVER}`, stop };
}

/** What a peer of a swarm sends every so often, as a client writes it: "I am still here". */
export function announceRequest({ swarm, peer }: { swarm: number; peer: number }, port: number): string {
  const query = [
    `info_hash=${String(swarm).padStart(20, "0")}`,
    `peer_id=-PN0001-${String(peer).padStart(12, "0")}`,
    `port=${10_000 + peer}`,
    "uploaded=0&downloaded=0&left=0&compact=1",
  ];
  return `GET /announce?${query.join("&")} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`;
}
