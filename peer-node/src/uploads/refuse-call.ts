import type { IncomingMessage, ServerResponse } from "node:http";
import { Code, type ConnectError } from "@connectrpc/connect";
import { PanalError } from "@panal/sdk";
import { framesOf } from "@panal/sdk/node";

/**
 * Answers a call of PeerService with an error in its own protocol before any of its message is read: what still
 * comes of it is thrown away, as `watchBody` sees to.
 */
export function refuseCall(request: IncomingMessage, response: ServerResponse, error: ConnectError): void {
  const contentType = request.headers["content-type"] ?? "";
  const isHttp2 = request.httpVersionMajor >= 2;
  const frames = framesOf(contentType, isHttp2);
  if (frames !== undefined) {
    const { body, trailers } = frames.end(error);
    response.writeHead(200, { "content-type": frames.contentType });
    if (trailers !== undefined) response.addTrailers(trailers);
    response.end(body);
    return;
  }
  response.writeHead(httpStatus(error), { "content-type": "application/json" });
  response.end(JSON.stringify({ code: nameOf(error.code), message: error.rawMessage }));
}

/** As Connect writes it: `resource_exhausted`. */
function nameOf(code: Code): string {
  return Code[code].replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}

function httpStatus({ code, cause }: ConnectError): number {
  // As proxies say it: whoever sends parts makes them smaller.
  if (cause instanceof PanalError && cause.code === "too-large") return 413;
  switch (code) {
    case Code.Unauthenticated:
      return 401;
    case Code.ResourceExhausted:
      return 429;
    case Code.Unavailable:
      return 503;
    default:
      return 403;
  }
}
