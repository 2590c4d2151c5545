import { Code, ConnectError } from "@connectrpc/connect";
import { type ByteRange, type FileId, PanalError, downloadRange, parseFileId } from "@panal/sdk";
import type { DownloadFileRequest } from "@panal/sdk/proto";
import { type ReadableFile, type ServedFiles, firstMissingPiece } from "../library/served-files.ts";

/**
 * How file data is answered. Of an answer that may be kept Chromium takes up to 55 MiB ahead of the page into memory, for
 * each request: a page whose disk is slower than the network then holds as much. Of one that mustn't be it takes what the page reads.
 */
export const DOWNLOAD_CACHE_CONTROL = "no-store";

/**
 * Opens what a DownloadFile request asks for. Throws "invalid", "not-found", "out-of-range", and UNAVAILABLE for a piece that
 * isn't here yet, as peer.proto says. The file is to be closed.
 */
export async function openDownload(
  files: ServedFiles,
  request: DownloadFileRequest,
): Promise<{ file: ReadableFile; range: ByteRange }> {
  const fileId = parseFileId(request.fileId, "file_id");
  const availability = files.availability(fileId);
  if (availability === undefined) throw notHere(files, fileId);
  const range = downloadRange(fileId, request);
  const missing = firstMissingPiece(availability, fileId, range);
  if (missing !== undefined) {
    throw new ConnectError(`${fileId}: piece ${missing} isn't here yet`, Code.Unavailable);
  }
  const file = await files.open(fileId);
  if (file === undefined) throw notHere(files, fileId);
  return { file, range };
}

/** NOT_FOUND makes a client give a source up: only who knows what it has may say so. */
export function notHere(files: ServedFiles, fileId: FileId): Error {
  return files.status().isStarting
    ? new ConnectError(`${fileId}: it isn't known yet what is here`, Code.Unavailable)
    : new PanalError("not-found", `${fileId}: no such file here`);
}
