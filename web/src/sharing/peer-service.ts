import {
  PanalError,
  type PeerServiceImpl,
  connectErrorFromPanal,
  downloadRange,
  manifestToProto,
  missingBytesOf,
  parseFileId,
  parseSharePath,
} from "@panal/sdk";
import type { FolderEntry, SharedFile, SharedFiles } from "./shared-files.ts";

const DEFAULT_PAGE_SIZE = 200;
const MAX_PAGE_SIZE = 1000;

/** What a tab says of itself. */
export interface TabProfile {
  readonly name: string;
  readonly version: string;
  /** Empty while no tracker gave it one. */
  peerId(): string;
}

export interface PeerServiceOptions {
  shared: SharedFiles;
  profile: TabProfile;
  /** The bytes of a file, for a program that calls itself so. */
  read(
    file: SharedFile,
    range: { start: number; end: number },
    agent: string | undefined,
  ): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** PeerService over what a tab shares; errors are ConnectErrors. */
export function createPeerService({ shared, profile, read }: PeerServiceOptions): PeerServiceImpl {
  function find(text: string): SharedFile {
    const fileId = parseFileId(text, "file_id");
    const file = shared.find(fileId);
    if (file === undefined) throw new PanalError("not-found", `${fileId}: no such file here`);
    return file;
  }

  return {
    getPeer: () => ({
      peerId: profile.peerId(),
      name: profile.name,
      version: profile.version,
      acceptsUploads: false,
      fileCount: BigInt(shared.fileCount),
      totalSize: BigInt(shared.totalSize),
      indexing: shared.isIndexing,
    }),
    listFiles: ({ folder, pageSize, pageToken }) =>
      translated(async () => {
        const page = shared.list(folder === "" ? "" : parseSharePath(folder, "folder"), {
          size: Math.min(pageSize === 0 ? DEFAULT_PAGE_SIZE : pageSize, MAX_PAGE_SIZE),
          token: pageToken,
        });
        const entries = await Promise.all(page.entries.map(entryOf));
        return { entries, nextPageToken: page.nextPageToken };
      }),
    getManifest: ({ fileId }) => translated(() => manifestToProto(find(fileId).manifest)),
    getAvailability: ({ fileId }) =>
      translated(async () => {
        const { file } = find(fileId);
        const pieces = file instanceof Blob ? undefined : await file.pieces();
        if (pieces === undefined || pieces.isFull) return { availability: { case: "all", value: {} } };
        return { availability: { case: "bitmap", value: pieces.toBitmap() } };
      }),
    async *downloadFile({ fileId, offset, length }, { requestHeader }) {
      try {
        const file = find(fileId);
        const range = downloadRange(file.manifest.fileId, { offset, length });
        const agent = requestHeader.get("user-agent") ?? undefined;
        for await (const data of read(file, range, agent)) yield { data };
      } catch (error) {
        throw connectErrorFromPanal(error);
      }
    },
  };
}

async function entryOf(entry: FolderEntry) {
  if (entry.type === "folder") {
    const value = { fileCount: BigInt(entry.fileCount), totalSize: BigInt(entry.totalSize) };
    return { name: entry.name, kind: { case: "folder" as const, value } };
  }
  const { manifest, mtimeMs, file } = entry.file;
  const pieces = file instanceof Blob ? undefined : await file.pieces().catch(() => undefined);
  const value = {
    fileId: manifest.fileId,
    size: BigInt(manifest.length),
    modifiedMs: BigInt(Math.trunc(mtimeMs)),
    missingBytes: BigInt(pieces === undefined ? 0 : missingBytesOf(manifest, pieces)),
  };
  return { name: entry.name, kind: { case: "file" as const, value } };
}

async function translated<T>(answer: () => T | Promise<T>): Promise<T> {
  try {
    return await answer();
  } catch (error) {
    throw connectErrorFromPanal(error);
  }
}
