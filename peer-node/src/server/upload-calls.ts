import { PeerService } from "@panal/sdk/proto";
import { putPieceLength } from "../uploads/put-piece-door.ts";
import type { PlainHead } from "./plain-request.ts";
import { pathOf } from "./service-path.ts";

/** A message without file data, and with nothing else that is long. */
const MAX_SHORT_BYTES = 64 * 1024;

const { putPiece, beginUpload, commitUpload, abortUpload, getPeer } = PeerService.method;
const PUT_PATH = pathOf(putPiece);
const UPLOAD_PATHS = [putPiece, beginUpload, commitUpload, abortUpload].map(pathOf);
const SHORT_PATHS: ReadonlySet<string> = new Set([...UPLOAD_PATHS, pathOf(getPeer)]);
/** How a connection begins that is to bring file data; GetPeer is asked before downloads, too. */
const STARTS = UPLOAD_PATHS.flatMap((path) => [`POST ${path} `, `OPTIONS ${path} `]);

/** Whether what came first of a connection is a call for an upload. */
export function isUploadStart(start: Buffer): boolean {
  return STARTS.some((text) => start.toString("latin1", 0, text.length) === text);
}

/** What kind of call it is; undefined for all that isn't for an upload, or not as our clients send it. */
export function uploadCallOf({ method, url, headers, length }: PlainHead): "short" | "file-data" | undefined {
  if (method === "OPTIONS") return length === 0 && SHORT_PATHS.has(url) ? "short" : undefined;
  if (method !== "POST") return undefined;
  if (url === PUT_PATH && putPieceLength(Object.fromEntries(headers)) !== undefined) return "file-data";
  return SHORT_PATHS.has(url) && length <= MAX_SHORT_BYTES ? "short" : undefined;
}
