import type { IncomingMessage, ServerResponse } from "node:http";

const METHODS = "GET, HEAD, POST";
/** What Connect and gRPC-Web clients and players send, and what uploads bring with them. */
const REQUEST_HEADERS = [
  "content-type",
  "connect-protocol-version",
  "connect-timeout-ms",
  "connect-accept-encoding",
  "connect-content-encoding",
  "grpc-timeout",
  "x-grpc-web",
  "x-user-agent",
  "range",
  "if-range",
  "if-none-match",
  "panal-upload-code",
].join(", ");
const EXPOSED_HEADERS = [
  "grpc-status",
  "grpc-message",
  "grpc-status-details-bin",
  "accept-ranges",
  "content-disposition",
  "content-length",
  "content-range",
  "etag",
  "retry-after",
].join(", ");
const PREFLIGHT_SECONDS = 7200;

/** Whose page asks; sets what lets a page of the app, and of no other origin, read the answer. */
export function applyOrigin(
  { headers: { origin } }: IncomingMessage,
  response: ServerResponse,
  origins: { has(origin: string): boolean },
): "none" | "allowed" | "refused" {
  response.setHeader("vary", "origin");
  if (origin === undefined) return "none";
  if (!origins.has(origin)) return "refused";
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-expose-headers", EXPOSED_HEADERS);
  return "allowed";
}

/** Answers a preflight of an allowed page. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("access-control-allow-methods", METHODS);
  response.setHeader("access-control-allow-headers", REQUEST_HEADERS);
  response.setHeader("access-control-max-age", PREFLIGHT_SECONDS);
  // A page of the public web, or of localhost, that reaches into a local network.
  if (request.headers["access-control-request-private-network"] === "true") {
    response.setHeader("access-control-allow-private-network", "true");
  }
  response.writeHead(204).end();
}
