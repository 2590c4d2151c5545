import {
  type Column,
  type FilesPage,
  type PeerFilesPage,
  type PeersPage,
  displayName,
  formatTable,
} from "@panal/sdk";
import type { Context } from "hono";
import { accepts } from "hono/accepts";

// The lists as columns, for people with curl. Names come from strangers: `formatTable` shows them on one line, with
// nothing in them that a terminal would obey.

/** Whether somebody asks for columns by name; everybody else gets JSON. */
export function wantsText(c: Context): boolean {
  const supports = ["application/json", "text/plain"];
  return accepts(c, { header: "Accept", supports, default: "application/json" }) === "text/plain";
}

export function peersText({ peers, nextCursor }: PeersPage): string {
  const columns = [
    left("PEER"),
    right("FILES"),
    right("BYTES"),
    left("REACHABLE"),
    left("ID"),
    left("ADDRESSES"),
  ];
  const rows = peers.map(({ name, fileCount, totalSize, reachable, peerId, endpoints }) => [
    name,
    String(fileCount),
    String(totalSize),
    reachable ?? "unknown",
    peerId,
    endpoints.map(({ url }) => url).join(" "),
  ]);
  return page(columns, rows, nextCursor);
}

export function filesText({ files, nextCursor, didYouMean, isCapped }: FilesPage): string {
  const columns = [left("PATH"), right("BYTES"), right("PEERS"), left("CHANGED"), left("FILE ID")];
  const rows = files.map(({ path, size, peerCount, mtime, fileId }) => [
    path,
    String(size),
    String(peerCount),
    mtime,
    fileId,
  ]);
  const notes = [
    ...(didYouMean === undefined ? [] : [`nothing matches; shown is what matches: ${didYouMean}`]),
    ...(isCapped ? ["there is more than was looked at; add words to find it"] : []),
  ];
  return page(columns, rows, nextCursor, notes);
}

export function peerFilesText({ files, nextCursor }: PeerFilesPage): string {
  const columns = [left("PATH"), right("BYTES"), left("CHANGED"), left("FILE ID")];
  const rows = files.map(({ path, size, mtime, fileId }) => [path, String(size), mtime, fileId]);
  return page(columns, rows, nextCursor);
}

/** What there is to say about the whole comes last, where somebody in a terminal looks. */
function page(
  columns: Column[],
  rows: string[][],
  nextCursor: string | undefined,
  notes: readonly string[] = [],
): string {
  const last = [
    ...notes.map(displayName),
    ...(nextCursor === undefined ? [] : [`more: cursor=${nextCursor}`]),
  ];
  return [formatTable(columns, rows, 0), ...(last.length === 0 ? [] : ["", ...last]), ""].join("\n");
}

function left(title: string): Column {
  return { title };
}

function right(title: string): Column {
  return { title, align: "right" };
}
