import { create } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import {
  type FileId,
  type Manifest,
  type PanalError,
  connectErrorFromPanal,
  manifestToProto,
  parseFileId,
  parseSharePath,
  throwIfAborted,
} from "@panal/sdk";
import {
  type DownloadFileResponse,
  DownloadFileResponseSchema,
  EntrySchema,
  GetAvailabilityResponseSchema,
  GetPeerResponseSchema,
  ListFilesResponseSchema,
  type PeerService,
} from "@panal/sdk/proto";
import type { FolderItem } from "../library/folder-tree.ts";
import type { ServedFiles } from "../library/served-files.ts";
import { DOWNLOAD_CACHE_CONTROL, notHere, openDownload } from "./download-request.ts";
import type { UploadMethods } from "../uploads/upload-service.ts";
import { CLIENT } from "./rpc-adapter.ts";
import type { Place, ServingPlaces } from "./serving-places.ts";

const DEFAULT_PAGE_SIZE = 200;
const MAX_PAGE_SIZE = 1000;

/** What a peer says of itself. */
export interface PeerProfile {
  readonly name: string;
  readonly version: string;
  /** Empty while no tracker gave it one. */
  peerId(): string;
  readonly acceptsUploads: boolean;
  readonly uploadNeedsCode: boolean;
}

export interface PeerServiceOptions {
  files: ServedFiles;
  profile: PeerProfile;
  places: ServingPlaces;
}

/** What PeerService gives of a shared folder, for the stock adapter; errors are ConnectErrors. */
export function createPeerService(
  options: PeerServiceOptions,
): Omit<ServiceImpl<typeof PeerService>, keyof UploadMethods> {
  const { files, profile } = options;
  return {
    getPeer() {
      const { fileCount, totalSize, isIndexing } = files.status();
      return create(GetPeerResponseSchema, {
        peerId: profile.peerId(),
        name: profile.name,
        version: profile.version,
        acceptsUploads: profile.acceptsUploads,
        uploadNeedsCode: profile.uploadNeedsCode,
        fileCount: BigInt(fileCount),
        totalSize: BigInt(totalSize),
        indexing: isIndexing,
      });
    },
    listFiles: ({ folder, pageSize, pageToken }) =>
      translated(() => {
        const page = files.list(folder === "" ? "" : parseSharePath(folder, "folder"), {
          size: Math.min(pageSize === 0 ? DEFAULT_PAGE_SIZE : pageSize, MAX_PAGE_SIZE),
          token: pageToken,
        });
        return create(ListFilesResponseSchema, {
          entries: page.items.map(entryOf),
          nextPageToken: page.nextPageToken ?? "",
        });
      }),
    getManifest: ({ fileId }) =>
      translated(() => manifestToProto(manifestIn(files, parseFileId(fileId, "file_id")))),
    getAvailability: ({ fileId }) =>
      translated(() => {
        const id = parseFileId(fileId, "file_id");
        const have = files.availability(id);
        if (have === undefined) throw notHere(files, id);
        return create(GetAvailabilityResponseSchema, {
          availability:
            have === "all" ? { case: "all", value: {} } : { case: "bitmap", value: have.toBitmap() },
        });
      }),
    downloadFile: (request, context) => downloadFile(request, context, options),
  };
}

/** Requests the faster `download-stream.ts` leaves to us: other codecs, compression, old gRPC-Web. */
async function* downloadFile(
  request: Parameters<typeof openDownload>[1],
  { signal, values, responseHeader }: HandlerContext,
  { files, places }: PeerServiceOptions,
): AsyncGenerator<DownloadFileResponse> {
  responseHeader.set("cache-control", DOWNLOAD_CACHE_CONTROL);
  let place: Place | undefined;
  let lost: PanalError | undefined;
  let file: Awaited<ReturnType<typeof openDownload>>["file"] | undefined;
  // Also from here: when a client vanishes, nobody may ever come back to this generator.
  const cleanUp = () => {
    place?.release();
    // Closing twice is harmless.
    void file?.close().catch(() => {});
  };
  signal.addEventListener("abort", cleanUp, { once: true });
  try {
    place = places.acquire(values.get(CLIENT), (reason) => {
      lost = reason;
      cleanUp();
    });
    const opened = await openDownload(files, request);
    file = opened.file;
    // Whoever went away while it was opened has had its clean-up.
    throwIfAborted(signal);
    for (let at = opened.range.start; at < opened.range.end;) {
      // Not from the pool of blocks: the adapter keeps it for as long as it likes.
      const data = new Uint8Array(Math.min(place.quantumBytes, opened.range.end - at));
      await file.read([data], at);
      await place.maySend(data.length, signal);
      if (lost !== undefined) throw lost;
      yield create(DownloadFileResponseSchema, { data });
      at += data.length;
    }
  } catch (error) {
    throw connectErrorFromPanal(lost ?? error);
  } finally {
    signal.removeEventListener("abort", cleanUp);
    cleanUp();
  }
}

function manifestIn(files: ServedFiles, fileId: FileId): Manifest {
  const manifest = files.manifest(fileId);
  if (manifest === undefined) throw notHere(files, fileId);
  return manifest;
}

function entryOf(item: FolderItem) {
  return create(EntrySchema, {
    name: item.name,
    kind:
      item.type === "folder"
        ? {
            case: "folder",
            value: { fileCount: BigInt(item.fileCount), totalSize: BigInt(item.totalSize) },
          }
        : {
            case: "file",
            value: {
              fileId: item.file.fileId,
              size: BigInt(item.file.size),
              modifiedMs: BigInt(item.file.mtimeMs),
              missingBytes: BigInt(item.file.missingBytes ?? 0),
            },
          },
  });
}

function translated<T>(answer: () => T): T {
  try {
    return answer();
  } catch (error) {
    throw connectErrorFromPanal(error);
  }
}
