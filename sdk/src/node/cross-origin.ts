import type { IncomingMessage, ServerResponse } from "node:http";
import { UPLOAD_CODE_HEADER } from "../rpc/peer-upload-target.ts";

// How pages of the app may read what a peer gives, whoever passes it on.

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
  UPLOAD_CODE_HEADER,
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
];
const PREFLIGHT_SECONDS = 7200;

/**
 * Where a request comes from, and the headers that let an allowed page, and of no other origin, read the answer. "none": no page
 * sent it (or one that can't read what comes). `exposed`: headers of the answer it may read besides those of a peer's own.
 */
export function applyCrossOrigin(
  { headers: { origin } }: IncomingMessage,
  response: ServerResponse,
  { origins, exposed = [] }: { origins: { has(origin: string): boolean }; exposed?: readonly string[] },
): "none" | "allowed" | "refused" {
  response.setHeader("vary", "origin");
  if (origin === undefined) return "none";
  if (!origins.has(origin)) return "refused";
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-expose-headers", [...EXPOSED_HEADERS, ...exposed].join(", "));
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
