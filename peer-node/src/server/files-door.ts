import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type FileId,
  PanalError,
  baseName,
  contentDisposition,
  contentRange,
  isFileId,
  mediaTypeOf,
  namesTag,
  parseRange,
  torrentOf,
} from "@panal/sdk";
import { type ReadableFile, type ServedFiles, firstMissingPiece } from "../library/served-files.ts";
import type { BlockPool } from "./block-pool.ts";
import { clientOf } from "@panal/sdk/node";
import { answerText } from "./plain-answer.ts";
import { sendFile } from "./send-file.ts";
import type { Place, ServingPlaces } from "./serving-places.ts";

/** When there is no place, or bytes are still to come: long enough for that to change, short enough to wait. */
const RETRY_AFTER_SECONDS = 5;
/** What the file may do if a browser shows it: be seen, nothing else. */
const SANDBOX = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox";
const PDF = "application/pdf";
const TORRENT = "application/x-bittorrent";

export interface FilesDoorOptions {
  files: ServedFiles;
  places: ServingPlaces;
  pool: BlockPool;
}

interface DoorRequest {
  readonly fileId: FileId;
  /** What it is to be called; undefined leaves that to the share. */
  readonly name: string | undefined;
  readonly forceDownload: boolean;
}

export type FilesDoor = (
  request: IncomingMessage,
  response: ServerResponse,
  target: { path: string; query: string },
) => Promise<void>;

/**
 * `GET|HEAD /files/{fileId}[/{name}]`: the same bytes for everything that speaks plain HTTP. The id decides what comes,
 * the name what it is called; `?download` always saves. `{name}.torrent` is the file's BitTorrent v2 torrent.
 */
export function createFilesDoor({ files, places, pool }: FilesDoorOptions): FilesDoor {
  async function serve(request: IncomingMessage, response: ServerResponse, door: DoorRequest): Promise<void> {
    const file = await files.open(door.fileId);
    if (file === undefined) return answerNotHere(response);
    try {
      await answerFile(request, response, { ...door, file });
    } finally {
      await file.close();
    }
  }

  function answerNotHere(response: ServerResponse): void {
    if (files.status().isStarting) return answerLater(response, "it isn't known yet what is here: try later");
    return answerText(response, 404, "no such file here (any more)");
  }

  async function answerFile(
    request: IncomingMessage,
    response: ServerResponse,
    { fileId, name, file, forceDownload }: DoorRequest & { file: ReadableFile },
  ): Promise<void> {
    const etag = `"${fileId}"`;
    setFileHeaders(response, { name: name ?? baseName(file.path), etag, forceDownload });
    const { headers } = request;
    if (headers["if-match"] !== undefined && !namesTag(headers["if-match"], etag, "strong")) {
      return answerText(response, 412, "another content");
    }
    if (headers["if-none-match"] !== undefined && namesTag(headers["if-none-match"], etag, "weak")) {
      response.writeHead(304).end();
      return;
    }
    // If-Range with a date, or another tag: the whole file.
    const isRangeValid = headers["if-range"] === undefined || headers["if-range"] === etag;
    const range = isRangeValid ? parseRange(headers.range, file.length) : undefined;
    if (range === "unsatisfiable") {
      response.setHeader("content-range", `bytes */${file.length}`);
      return answerText(response, 416, `the file has ${file.length} bytes`);
    }
    const { start, end } = range ?? { start: 0, end: file.length };
    if (firstMissingPiece(files.availability(fileId) ?? "all", fileId, { start, end }) !== undefined) {
      return answerLater(response, "not all of that is here yet: try later");
    }
    if (range !== undefined) response.setHeader("content-range", contentRange(range, file.length));
    response.setHeader("content-length", end - start);
    const status = range === undefined ? 200 : 206;
    if (request.method === "HEAD") {
      response.writeHead(status).end();
      return;
    }
    await send(response, { file, start, end, status });
  }

  async function send(
    response: ServerResponse,
    { file, start, end, status }: { file: ReadableFile; start: number; end: number; status: number },
  ): Promise<void> {
    let place: Place;
    try {
      place = places.acquire(clientOf(response.req.socket.remoteAddress), () => response.destroy());
    } catch {
      response.removeHeader("content-range");
      return answerLater(response, "too many clients are being served: try later");
    }
    try {
      response.writeHead(status);
      await sendFile({ file, range: { start, end }, response, pool, place });
      response.end();
    } catch {
      // The status has been sent: a body shorter than announced is all that can tell.
      response.destroy();
    } finally {
      place.release();
    }
  }

  function serveTorrent(request: IncomingMessage, response: ServerResponse, door: DoorRequest): void {
    const manifest = files.manifest(door.fileId);
    if (manifest === undefined) return answerNotHere(response);
    const isEncrypted = "encrypted" in request.socket && request.socket.encrypted === true;
    const authority = request.headers[":authority"] ?? request.headers.host ?? "";
    const torrent = torrentOf(manifest, {
      name: door.name?.slice(0, -".torrent".length) ?? "file",
      webSeeds: [`${isEncrypted ? "https" : "http"}://${String(authority)}/files/${door.fileId}/`],
    });
    response.setHeader("content-type", TORRENT);
    response.setHeader("content-security-policy", SANDBOX);
    response.setHeader("content-disposition", contentDisposition("attachment", `${torrent.name}.torrent`));
    response.setHeader("content-length", torrent.bytes.length);
    response.writeHead(200);
    response.end(request.method === "HEAD" ? undefined : torrent.bytes);
  }

  return async (request, response, target) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD, OPTIONS");
      return answerText(response, 405, "GET or HEAD");
    }
    const door = parseDoorRequest(target);
    if (door === undefined) return answerText(response, 400, "expected /files/{fileId}/{name}");
    if (isTorrentOf(door, files)) serveTorrent(request, response, door);
    else await serve(request, response, door);
  };
}

function parseDoorRequest({ path, query }: { path: string; query: string }): DoorRequest | undefined {
  const match = /^\/files\/([^/]+)(?:\/([^/]*))?$/.exec(path);
  const [, fileId, encodedName = ""] = match ?? [];
  if (fileId === undefined || !isFileId(fileId)) return undefined;
  const name = decoded(encodedName);
  if (name === undefined) return undefined;
  return {
    fileId,
    name: name === "" ? undefined : name,
    forceDownload: new URLSearchParams(query).has("download"),
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Unless the file itself is a torrent of that name. */
function isTorrentOf({ name, fileId }: DoorRequest, files: ServedFiles): boolean {
  return name?.endsWith(".torrent") === true && name.length > 8 && !files.hasName(fileId, name);
}

function setFileHeaders(
  response: ServerResponse,
  { name, etag, forceDownload }: { name: string; etag: string; forceDownload: boolean },
): void {
  const { mime, inline } = mediaTypeOf(name);
  const isInline = inline && !forceDownload;
  response.setHeader("etag", etag);
  response.setHeader("accept-ranges", "bytes");
  // The content of an id never changes, but whether it is still here is worth asking.
  response.setHeader("cache-control", "no-cache");
  response.setHeader("content-type", mime);
  response.setHeader("content-disposition", contentDisposition(isInline ? "inline" : "attachment", name));
  response.setHeader("cross-origin-resource-policy", "cross-origin");
  // Browsers show a PDF in a viewer of their own, which runs in no sandboxed page.
  if (!isInline || mime !== PDF) response.setHeader("content-security-policy", SANDBOX);
}

function answerLater(response: ServerResponse, text: string): void {
  response.setHeader("retry-after", RETRY_AFTER_SECONDS);
  answerText(response, 503, text);
}

/** What the door throws is our mistake: the client is told nothing but that. */
export function answerDoorFailure(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else if (PanalError.from(error).code === "changed")
    answerText(response, 404, "no such file here (any more)");
  else answerText(response, 500, "internal error");
}
