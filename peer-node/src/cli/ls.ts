import {
  PanalError,
  type PeerClient,
  displayName,
  panalErrorFromConnect,
  parseSharePath,
  formatTable,
} from "@panal/sdk";
import { createNodePeerClient } from "@panal/sdk/node";
import { Command } from "commander";
import { allPeers, findPeer } from "./find-peer.ts";
import { count, formatBytes } from "./format.ts";
import { jsonOption, printJson, trackerAt, trackerOption } from "./options.ts";
import { terminalWidth } from "./terminal-size.ts";

interface Entry {
  name: string;
  type: "file" | "folder";
  size: number;
  fileId?: string;
  mtime?: string;
  /** Of a file the peer is fetching itself. */
  missingBytes?: number;
  fileCount?: number;
}

/** `peer-node ls [peer] [folder]` */
export function lsCommand(): Command {
  return new Command("ls")
    .description("list a folder of a peer; without a peer, the top folder of each")
    .argument("[peer]", "its id, name or URL")
    .argument("[folder]", "within its share", "")
    .addOption(trackerOption())
    .addOption(jsonOption())
    .action(
      async (peer: string | undefined, folder: string, options: { tracker: string; json?: boolean }) => {
        const path = folder.replace(/^\/+|\/+$/g, "");
        if (path !== "") parseSharePath(path, "folder");
        if (peer !== undefined) {
          const entries = await listFolder(await endpointsOf(peer, options.tracker), path);
          if (options.json) printJson({ folder: path, entries });
          else printEntries(entries);
          return;
        }
        const peers = await allPeers(trackerAt(options.tracker));
        const listed = [];
        for (const { name, peerId, endpoints } of peers) {
          // One that doesn't answer is no reason to hide the others.
          const found = await listFolder(
            endpoints.map(({ url }) => url),
            path,
          ).catch((error: unknown) => PanalError.from(error));
          const failure = found instanceof PanalError ? { error: found.message } : { entries: found };
          listed.push({ name, peerId, ...failure });
        }
        if (options.json) return printJson({ folder: path, peers: listed });
        if (listed.length === 0)
          console.error("No peer is alive. Share a folder with: peer-node share <folder>");
        for (const [index, { name, peerId, ...found }] of listed.entries()) {
          console.log(`${index === 0 ? "" : "\n"}${displayName(name)} (${peerId})`);
          if ("error" in found) console.log(`  doesn't answer: ${displayName(found.error)}`);
          else printEntries(found.entries);
        }
      },
    );
}

async function endpointsOf(peer: string, trackerUrl: string): Promise<string[]> {
  if (/^https?:\/\//i.test(peer)) return [peer.replace(/\/+$/, "")];
  return (await findPeer(trackerAt(trackerUrl), peer)).endpoints.map(({ url }) => url);
}

/** The whole folder, from the first endpoint that answers. */
async function listFolder(urls: readonly string[], folder: string): Promise<Entry[]> {
  let failure = new PanalError("unreachable", "the peer has announced no address");
  for (const url of urls) {
    try {
      return await listAllPages(createNodePeerClient(url), folder);
    } catch (error) {
      failure = panalErrorFromConnect(error);
      if (failure.code !== "unreachable" && failure.code !== "timeout") throw failure;
    }
  }
  throw failure;
}

async function listAllPages(client: PeerClient, folder: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  let pageToken = "";
  do {
    const page = await client.listFiles({ folder, pageSize: 1000, pageToken });
    for (const { name, kind } of page.entries) {
      if (kind.case === "file") {
        const { size, fileId, modifiedMs, missingBytes } = kind.value;
        const mtime = new Date(Number(modifiedMs)).toISOString();
        const missing = missingBytes === 0n ? {} : { missingBytes: Number(missingBytes) };
        entries.push({ name, type: "file", size: Number(size), fileId, mtime, ...missing });
      } else if (kind.case === "folder") {
        const { totalSize, fileCount } = kind.value;
        entries.push({ name, type: "folder", size: Number(totalSize), fileCount: Number(fileCount) });
      }
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return entries;
}

function printEntries(entries: readonly Entry[]): void {
  if (entries.length === 0) {
    console.error("Nothing is here.");
    return;
  }
  const rows = entries.map(({ name, type, size, fileCount, mtime, missingBytes = 0 }) => [
    type === "folder" ? `${name}/` : name,
    missingBytes === 0 ? formatBytes(size) : `${formatBytes(size - missingBytes)} of ${formatBytes(size)}`,
    type === "folder" ? count(fileCount ?? 0, "file") : (mtime ?? "").slice(0, 16).replace("T", " "),
  ]);
  console.log(
    formatTable(
      [{ title: "name", isFlexible: true }, { title: "size", align: "right" }, { title: "changed (UTC)" }],
      rows,
      terminalWidth(),
    ),
  );
}
