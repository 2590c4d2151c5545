import type { IncomingMessage, ServerResponse } from "node:http";
import { fromBinary } from "@bufbuild/protobuf";
import { ConnectError, Code } from "@connectrpc/connect";
import { PanalError, connectErrorFromPanal } from "@panal/sdk";
import { DownloadFileRequestSchema } from "@panal/sdk/proto";
import type { ServedFiles } from "../library/served-files.ts";
import type { BlockPool } from "./block-pool.ts";
import { clientOf } from "@panal/sdk/node";
import { DOWNLOAD_CACHE_CONTROL, openDownload } from "./download-request.ts";
import { MAX_REQUEST_BYTES, readBody } from "./read-body.ts";
import { sendFile } from "./send-file.ts";
import type { ServingPlaces } from "./serving-places.ts";
import { type StreamFrames, framesOf, parseRequestEnvelope, writeMessageHeader } from "@panal/sdk/node";

export interface DownloadStreamOptions {
  files: ServedFiles;
  places: ServingPlaces;
  pool: BlockPool;
}

/**
 * DownloadFile without the stock adapter, which copies each byte several times: file data goes from the buffer it was
 * read into to the socket. Gives false, with nothing touched, when a request has anything unusual about it:
 * then the stock adapter answers. `download-stream.contract.test.ts` holds both to the same table.
 */
export function createDownloadStream(
  options: DownloadStreamOptions,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const frames = framesOf(request.headers["content-type"], request.httpVersionMajor >= 2);
    if (request.method !== "POST" || frames === undefined) return false;
    if (!isPlain(request, frames)) return false;
    void answer(request, response, { ...options, frames });
    return true;
  };
}

/** Whether nothing is asked for that only the stock adapter does. */
function isPlain({ headers }: IncomingMessage, { encodingHeader }: StreamFrames): boolean {
  const encoding = headers[encodingHeader];
  const version = headers["connect-protocol-version"];
  return (
    (encoding === undefined || encoding === "identity") &&
    headers["content-encoding"] === undefined &&
    (version === undefined || version === "1")
  );
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: DownloadStreamOptions & { frames: StreamFrames },
): Promise<void> {
  const { frames } = options;
  response.setHeader("content-type", frames.contentType);
  response.setHeader("cache-control", DOWNLOAD_CACHE_CONTROL);
  let failure: ConnectError | undefined;
  try {
    await transfer(request, response, options);
  } catch (error) {
    failure = connectErrorFromPanal(error);
  }
  if (response.destroyed) return;
  const { body, trailers } = frames.end(failure);
  if (!response.headersSent) response.writeHead(200);
  if (trailers !== undefined) response.addTrailers(trailers);
  response.end(body);
}

async function transfer(
  request: IncomingMessage,
  response: ServerResponse,
  { files, places, pool, frames }: DownloadStreamOptions & { frames: StreamFrames },
): Promise<void> {
  const stopping = new AbortController();
  const stop = (reason: Error) => stopping.abort(reason);
  const clearDeadline = startDeadline(request, { frames, onLate: stop });
  try {
    const message = parseRequestEnvelope(await readBody(request, MAX_REQUEST_BYTES));
    if (message === undefined) throw new PanalError("invalid", "expected one message, not compressed");
    const place = places.acquire(clientOf(request.socket.remoteAddress), stop);
    try {
      const { file, range } = await openDownload(files, parseRequest(message));
      try {
        response.writeHead(200);
        await sendFile({
          file,
          range,
          response,
          pool,
          place,
          writeHeader: writeMessageHeader,
          signal: stopping.signal,
        });
      } finally {
        await file.close();
      }
    } finally {
      place.release();
    }
  } catch (error) {
    throw stopping.signal.aborted ? stopping.signal.reason : error;
  } finally {
    clearDeadline();
  }
}

function parseRequest(message: Uint8Array) {
  try {
    return fromBinary(DownloadFileRequestSchema, message);
  } catch (error) {
    throw new PanalError("invalid", "the message is no DownloadFileRequest", { cause: error });
  }
}

/** What the client is ready to wait for; gives what ends the waiting. */
function startDeadline(
  request: IncomingMessage,
  { frames, onLate }: { frames: StreamFrames; onLate: (reason: ConnectError) => void },
): () => void {
  const header = request.headers[frames.timeoutHeader];
  const timeoutMs = frames.parseTimeoutMs(typeof header === "string" ? header : undefined);
  if (timeoutMs === undefined) return () => {};
  const timer = setTimeout(() => onLate(new ConnectError("too late", Code.DeadlineExceeded)), timeoutMs);
  return () => clearTimeout(timer);
}
