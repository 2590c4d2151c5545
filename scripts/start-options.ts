import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./run-command.ts";

export const USAGE = `npm start [-- options]: a tracker with the web app, and peers that share

  --share DIR   a folder to share instead of examples/shared, one peer each (repeatable)
  --lan         for everybody on the network, not for this machine alone
  --port N      the tracker's port (default 7070); the peers' count up from the next one
  --data DIR    where the tracker and the peers keep their state (default .panal, one part for each port)
  --help        this`;

const DEFAULT_PORT = 7070;
/** Two, so that the first download has two sources at once. */
const EXAMPLE_PEERS = ["Peer one", "Peer two"];
const MAX_PEERS = 64;

export interface PlannedPeer {
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
  readonly port: number;
}

export interface StartPlan {
  readonly trackerPort: number;
  /** Whether everybody on the network may come, or this machine alone. */
  readonly isForLan: boolean;
  /** Absolute; of its own for each tracker port, since two trackers can't share one. */
  readonly dataDir: string;
  readonly peers: readonly PlannedPeer[];
}

/** A sentence for whoever typed the command. */
export class StartUsageError extends Error {}

/** What is to run; undefined when only help was asked for. Folders are relative to `cwd`. Throws StartUsageError. */
export async function parseStartArgs(args: readonly string[], cwd: string): Promise<StartPlan | undefined> {
  const { share, lan, port, data, help } = parsed(args);
  if (help) return undefined;
  const folders = share.map((folder) => resolve(cwd, folder));
  for (const folder of folders) await checkFolder(folder);
  const shares =
    folders.length > 0
      ? folders.map((folder) => ({ name: basename(folder) || "Everything", folder }))
      : EXAMPLE_PEERS.map((name) => ({ name, folder: join(ROOT, "examples", "shared") }));
  if (shares.length > MAX_PEERS) throw new StartUsageError(`--share: at most ${MAX_PEERS} folders`);
  const trackerPort = parsePort(port, shares.length);
  return {
    trackerPort,
    isForLan: lan,
    dataDir: data === undefined ? defaultDataDir(trackerPort) : resolve(cwd, data),
    peers: shares.map((peer, index) => ({ ...peer, port: trackerPort + 1 + index })),
  };
}

function parsed(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        share: { type: "string", multiple: true, default: [] },
        lan: { type: "boolean", default: false },
        port: { type: "string", default: String(DEFAULT_PORT) },
        data: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    return values;
  } catch (error) {
    throw new StartUsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The peers' ports come after it, so it can't be among the last ones. */
function parsePort(text: string, peerCount: number): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  const last = 65_535 - peerCount;
  if (port < 1 || port > last) {
    throw new StartUsageError(`--port: expected a number from 1 to ${last}, got ${JSON.stringify(text)}`);
  }
  return port;
}

function defaultDataDir(trackerPort: number): string {
  const top = join(ROOT, ".panal");
  return trackerPort === DEFAULT_PORT ? top : join(top, `port-${trackerPort}`);
}

async function checkFolder(folder: string): Promise<void> {
  const refuse = (why: string) => new StartUsageError(`--share ${folder}: ${why}`);
  const found = await stat(folder).catch((error: unknown) => {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw refuse(isMissing ? "there is no such folder" : String(error));
  });
  if (!found.isDirectory()) throw refuse("not a folder");
}
