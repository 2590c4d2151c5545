// The only file on the asking side that touches Connect's protocol modules, which come without a promise of stability (and so
// with an exact version in package.json).
import type { Code } from "@connectrpc/connect";
import { codeFromString, endStreamFlag, endStreamFromJson } from "@connectrpc/connect/protocol-connect";
import { findTrailerError } from "@connectrpc/connect/protocol-grpc";
import { trailerFlag, trailerParse } from "@connectrpc/connect/protocol-grpc-web";
import { PanalError } from "../errors.ts";
import { panalErrorFromConnect } from "./connect-errors.ts";
import type { StreamFormat } from "./download-stream.ts";

/** How a DownloadFile call is put on the wire. */
export interface StreamProtocol extends StreamFormat {
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  /** gRPC-Web may tell an error in the headers alone. */
  parseHeaders(header: (name: string) => string | undefined): PanalError | undefined;
}

/** Connect over HTTP/1.1: what Node uses. */
export const connectStream: StreamProtocol = {
  contentType: "application/connect+proto",
  headers: { "connect-protocol-version": "1", "connect-accept-encoding": "identity" },
  endFlag: endStreamFlag,
  parseEnd(content) {
    try {
      const { error } = endStreamFromJson(content);
      return error && panalErrorFromConnect(error);
    } catch (cause) {
      return new PanalError("protocol", "the end of the stream can't be read", { cause });
    }
  },
  parseHeaders: () => undefined,
};

/** gRPC-Web, binary: what browsers use. */
export const grpcWebStream: StreamProtocol = {
  contentType: "application/grpc-web+proto",
  headers: { "x-grpc-web": "1" },
  endFlag: trailerFlag,
  parseEnd(content) {
    try {
      return statusOf(trailerParse(content));
    } catch (cause) {
      return new PanalError("protocol", "the trailers can't be read", { cause });
    }
  },
  parseHeaders(header) {
    const status = header("grpc-status");
    if (status === undefined) return undefined;
    try {
      return statusOf(new Headers({ "grpc-status": status, "grpc-message": header("grpc-message") ?? "" }));
    } catch (cause) {
      return new PanalError("protocol", "the status can't be read", { cause });
    }
  },
};

/** `resource_exhausted`, as Connect writes it; undefined for anything that is no code. */
export function codeFromName(name: string): Code | undefined {
  const code = codeFromString(name);
  // It looks the name up in an object, and so finds what every object has ("constructor").
  return typeof code === "number" ? code : undefined;
}

function statusOf(trailer: Headers): PanalError | undefined {
  if (!trailer.has("grpc-status")) return new PanalError("protocol", "trailers without a status");
  const error = findTrailerError(trailer);
  return error && panalErrorFromConnect(error);
}
