import { fromBinary } from "@bufbuild/protobuf";
import { type ByteRange, type FileId, downloadRange, fileIdLength, isFileId, parseRange } from "@panal/sdk";
import { type StreamFrames, framesOf, parseRequestEnvelope } from "@panal/sdk/node";
import { DownloadFileRequestSchema } from "@panal/sdk/proto";
import type { PeerRequest } from "../gateway/peer-way.ts";
import { DOWNLOAD_CALL } from "../gateway/via-target.ts";

/** Whatever else is in a request may mean something else. */
const PLAIN_CALL_HEADERS: ReadonlySet<string> = new Set([
  "accept",
  "connect-accept-encoding",
  "connect-protocol-version",
  "content-length",
  "content-type",
  "grpc-accept-encoding",
  "user-agent",
  "x-grpc-web",
  "x-user-agent",
]);
const PLAIN_FILE_HEADERS: ReadonlySet<string> = new Set(["accept", "range", "user-agent"]);

/** Bytes of a file that somebody wants, however they ask. */
export interface FileWish {
  readonly fileId: FileId;
  readonly range: ByteRange;
  /** How the bytes are to be put into messages; undefined for plain HTTP. */
  readonly frames: StreamFrames | undefined;
  /** For plain HTTP: whether a range was asked for. */
  readonly isPart: boolean;
}

type Asked = Pick<PeerRequest, "method" | "path" | "headers">;

/** What a request asks for, if that is bytes of a file and nothing out of the way; undefined leaves it to the peer. */
export function parseFileWish(request: Asked, body: Uint8Array): FileWish | undefined {
  const wish = request.path === DOWNLOAD_CALL ? parseCall(request, body) : parseDoor(request);
  // An empty one the peer answers at once.
  return wish === undefined || wish.range.start >= wish.range.end ? undefined : wish;
}

function parseCall({ method, headers }: Asked, body: Uint8Array): FileWish | undefined {
  const frames = framesOf(headers["content-type"], false);
  if (method !== "POST" || frames === undefined || !hasOnly(headers, PLAIN_CALL_HEADERS)) return undefined;
  if ((headers["connect-protocol-version"] ?? "1") !== "1") return undefined;
  const message = parseRequestEnvelope(body);
  if (message === undefined) return undefined;
  try {
    const call = fromBinary(DownloadFileRequestSchema, message);
    if (!isFileId(call.fileId)) return undefined;
    return { fileId: call.fileId, range: downloadRange(call.fileId, call), frames, isPart: true };
  } catch {
    // The peer says what is wrong with it.
    return undefined;
  }
}

function parseDoor({ method, path, headers }: Asked): FileWish | undefined {
  const [, fileId = "", name = ""] = /^\/files\/([^/?]+)(?:\/([^/?]*))?(?:\?download)?$/.exec(path) ?? [];
  if (method !== "GET" || !isFileId(fileId) || name.endsWith(".torrent")) return undefined;
  const { "if-range": ifRange, ...others } = headers;
  if (!hasOnly(others, PLAIN_FILE_HEADERS)) return undefined;
  if (ifRange !== undefined && ifRange !== `"${fileId}"`) return undefined;
  const length = fileIdLength(fileId);
  const range = parseRange(headers["range"], length);
  if (range === "unsatisfiable") return undefined;
  return {
    fileId,
    range: range ?? { start: 0, end: length },
    frames: undefined,
    isPart: range !== undefined,
  };
}

function hasOnly(headers: Readonly<Record<string, string>>, known: ReadonlySet<string>): boolean {
  return Object.keys(headers).every((name) => known.has(name));
}
