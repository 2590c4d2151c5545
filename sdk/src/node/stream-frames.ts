// The only file on the serving side that touches Connect's protocol modules, which come without a promise of stability (and so
// with an exact version in package.json).
import type { ConnectError } from "@connectrpc/connect";
import {
  codeToHttpStatus,
  endStreamFlag,
  endStreamToJson,
  errorToJsonBytes,
  parseTimeout as parseConnectTimeout,
} from "@connectrpc/connect/protocol-connect";
import { parseTimeout as parseGrpcTimeout, setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { trailerFlag, trailerSerialize } from "@connectrpc/connect/protocol-grpc-web";
import { plainGrpcMessage } from "./grpc-message.ts";

const ENVELOPE_BYTES = 5;
/** DownloadFileResponse.data: field 1, length-delimited. */
const DATA_TAG = 0x0a;
/** What a message of file data may have in front of the data: envelope, tag, length. */
export const MAX_MESSAGE_HEADER_BYTES = ENVELOPE_BYTES + 1 + 5;
/** A client may not ask for more; file data has no deadline of its own. */
const MAX_TIMEOUT_MS = 24 * 3600 * 1000;

/** How a protocol puts a stream of messages on the wire. */
export interface StreamFrames {
  /** Of requests and answers. */
  readonly contentType: string;
  /** Headers that mean something else than what we do here when they are there, unless they say "identity". */
  readonly encodingHeader: string;
  readonly timeoutHeader: string;
  /** Milliseconds; undefined without one. Throws ConnectError when it can't be read. */
  parseTimeoutMs(header: string | undefined): number | undefined;
  /** What comes after the last message: more body, or HTTP trailers. */
  end(error: ConnectError | undefined): { body?: Uint8Array; trailers?: Record<string, string> };
}

const connectFrames: StreamFrames = {
  contentType: "application/connect+proto",
  encodingHeader: "connect-content-encoding",
  timeoutHeader: "connect-timeout-ms",
  parseTimeoutMs: (header) => timeoutOf(parseConnectTimeout(header ?? null, MAX_TIMEOUT_MS)),
  end: (error) => ({
    body: envelope(endStreamFlag, Buffer.from(JSON.stringify(endStreamToJson(new Headers(), error, {})))),
  }),
};

const grpcWebFrames: StreamFrames = {
  contentType: "application/grpc-web+proto",
  encodingHeader: "grpc-encoding",
  timeoutHeader: "grpc-timeout",
  parseTimeoutMs: (header) => timeoutOf(parseGrpcTimeout(header ?? null, MAX_TIMEOUT_MS)),
  end: (error) => ({
    body: envelope(trailerFlag, trailerSerialize(statusOf(error))),
  }),
};

const grpcFrames: StreamFrames = {
  ...grpcWebFrames,
  contentType: "application/grpc+proto",
  end: (error) => ({ trailers: Object.fromEntries(statusOf(error)) }),
};

/** The protocol of a request; undefined when it isn't one of those written here (JSON, text, ...). */
export function framesOf(contentType: string | undefined, isHttp2: boolean): StreamFrames | undefined {
  switch (contentType) {
    case "application/connect+proto":
      return connectFrames;
    case "application/grpc-web":
    case "application/grpc-web+proto":
      return grpcWebFrames;
    case "application/grpc":
    case "application/grpc+proto":
      // Trailers: over HTTP/1.1 hardly any client reads them.
      return isHttp2 ? grpcFrames : undefined;
    default:
      return undefined;
  }
}

/** An error as Connect answers a call of one message with it, as `application/json`. */
export function unaryError(error: ConnectError): { status: number; body: Uint8Array } {
  return { status: codeToHttpStatus(error.code), body: errorToJsonBytes(error, {}) };
}

/**
 * Writes the envelope and the protobuf header of a message with `dataLength` bytes of file data so that they end where
 * the data begins, at `dataStart`. Gives where they begin.
 */
export function writeMessageHeader(buffer: Uint8Array, dataStart: number, dataLength: number): number {
  const lengthBytes = varintLength(dataLength);
  const start = dataStart - lengthBytes - 1 - ENVELOPE_BYTES;
  buffer[start] = 0;
  new DataView(buffer.buffer, buffer.byteOffset).setUint32(start + 1, 1 + lengthBytes + dataLength);
  buffer[start + ENVELOPE_BYTES] = DATA_TAG;
  let rest = dataLength;
  for (let at = dataStart - lengthBytes; at < dataStart; at++) {
    buffer[at] = at === dataStart - 1 ? rest : (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  return start;
}

/** The one message of a request: undefined when it isn't exactly one, uncompressed. */
export function parseRequestEnvelope(body: Uint8Array): Uint8Array | undefined {
  if (body.length < ENVELOPE_BYTES || body[0] !== 0) return undefined;
  const length = new DataView(body.buffer, body.byteOffset).getUint32(1);
  return body.length === ENVELOPE_BYTES + length ? body.subarray(ENVELOPE_BYTES) : undefined;
}

function statusOf(error: ConnectError | undefined): Headers {
  return plainGrpcMessage(setTrailerStatus(new Headers(), error));
}

function envelope(flags: number, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(ENVELOPE_BYTES + content.length);
  bytes[0] = flags;
  new DataView(bytes.buffer).setUint32(1, content.length);
  bytes.set(content, ENVELOPE_BYTES);
  return bytes;
}

function varintLength(value: number): number {
  let bytes = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes++;
  return bytes;
}

function timeoutOf(parsed: { timeoutMs?: number; error?: ConnectError | undefined }): number | undefined {
  if (parsed.error !== undefined) throw parsed.error;
  return parsed.timeoutMs;
}
