import type { IncomingMessage, ServerResponse } from "node:http";
import type { ConnectError } from "@connectrpc/connect";
import { PanalError } from "@panal/sdk";
import { framesOf, unaryError } from "@panal/sdk/node";

/** Answers a call of PeerService with an error in its own protocol; what still comes of its message is thrown away, as `watchBody` sees to. */
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
  const { status, body } = unaryError(error);
  // As proxies say it: whoever sends parts makes them smaller.
  const isTooLarge = error.cause instanceof PanalError && error.cause.code === "too-large";
  response.writeHead(isTooLarge ? 413 : status, { "content-type": "application/json" });
  response.end(body);
}
