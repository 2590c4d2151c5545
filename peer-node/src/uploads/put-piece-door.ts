import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { PanalError, connectErrorFromPanal } from "@panal/sdk";
import { type PutPieceRequest, PutPieceRequestSchema, PutPieceResponseSchema } from "@panal/sdk/proto";
import { MAX_UPLOAD_MESSAGE_BYTES } from "./message-memory.ts";
import type { PeerUploads } from "./peer-uploads.ts";
import { placedBody } from "./placed-body.ts";
import { refuseCall } from "./refuse-call.ts";

const CONTENT_TYPE = "application/proto";
/** They mean something else than what we do here. */
const OTHER_HEADERS = ["content-encoding", "connect-timeout-ms"] as const;

/**
 * PutPiece as our own clients send it, one Connect message of a length that is known: received straight into memory that is used again and that
 * hashing threads see. The stock way takes new memory for each message, twice. Gives false for any other request, which that way can have.
 */
export function createPutPieceDoor({
  uploads,
  memory,
}: Pick<PeerUploads, "uploads" | "memory">): (request: IncomingMessage, response: ServerResponse) => boolean {
  async function answer(request: IncomingMessage, response: ServerResponse, length: number): Promise<void> {
    const message = memory.take(length);
    try {
      await receive(request, message);
      const { uploadId, piece, offset, data } = parse(message);
      const missingCount = await uploads.put(uploadId, { piece, offset, data });
      const body = toBinary(PutPieceResponseSchema, create(PutPieceResponseSchema, { missingCount }));
      response.writeHead(200, { "content-type": CONTENT_TYPE, "content-length": body.length });
      response.end(body);
    } catch (error) {
      if (request.complete) refuseCall(request, response, connectErrorFromPanal(error));
      else response.destroy();
    } finally {
      memory.giveBack(message);
    }
  }

  return (request, response) => {
    const length = putPieceLength(request.headers);
    if (length === undefined) return false;
    void answer(request, response, length);
    return true;
  };
}

/** Of the message; undefined when it isn't one of those that are read here. */
export function putPieceLength(headers: IncomingHttpHeaders): number | undefined {
  const version = headers["connect-protocol-version"] ?? "1";
  if (headers["content-type"] !== CONTENT_TYPE || version !== "1") return undefined;
  if (OTHER_HEADERS.some((name) => headers[name] !== undefined)) return undefined;
  const length = /^\d{1,10}$/.test(headers["content-length"] ?? "") ? Number(headers["content-length"]) : 0;
  return length > 0 && length <= MAX_UPLOAD_MESSAGE_BYTES ? length : undefined;
}

/** Fills `message`. Throws "invalid" when the body is shorter or longer, "aborted" when the client has gone; nothing is written to it afterwards. */
function receive(request: IncomingMessage, message: Uint8Array): Promise<void> {
  const receivePlaced = placedBody(request);
  if (receivePlaced !== undefined) return receivePlaced(message);
  // By `set` memory that threads see is written byte by byte.
  const target = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let filled = 0;
  const end = () => {
    request.off("data", take);
    if (request.complete && filled === message.length) resolve();
    else if (request.destroyed) reject(new PanalError("aborted", "the client has gone"));
    else reject(new PanalError("invalid", `a message that isn't ${message.length} bytes long`));
  };
  const take = (chunk: Buffer) => {
    // Never more than it was taken for, whatever Node lets through.
    if (filled + chunk.length > message.length) return end();
    chunk.copy(target, filled);
    filled += chunk.length;
  };
  request.on("data", take).once("end", end).once("close", end);
  return promise;
}

function parse(message: Uint8Array): PutPieceRequest {
  try {
    return fromBinary(PutPieceRequestSchema, message);
  } catch (error) {
    throw new PanalError("invalid", "what came is no PutPieceRequest", { cause: error });
  }
}
