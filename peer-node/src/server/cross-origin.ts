import type { IncomingMessage, ServerResponse } from "node:http";
import { UPLOAD_CODE_HEADER } from "../uploads/upload-code.ts";

const METHODS = "GET, HEAD, POST";
/** What Connect and gRPC-Web clients and players send. */
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
].join(", ");
const PREFLIGHT_SECONDS = 7200;

/** Whose pages may read from this peer: never everybody's. */
export interface AllowedOrigins {
  has(origin: string): boolean;
  /** What the tracker says now, in place of what it said before. */
  setFromTracker(origins: readonly string[]): void;
}

/** `fixed`: from the command line. Anything that isn't an http(s) origin is left out. */
export function createAllowedOrigins(fixed: readonly string[]): AllowedOrigins {
  const always = new Set(fixed.filter(isOrigin));
  let current = new Set<string>();
  return {
    has: (origin) => always.has(origin) || current.has(origin),
    setFromTracker(origins) {
      current = new Set(origins.filter(isOrigin));
    },
  };
}

export function isOrigin(text: string): boolean {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return false;
  return new URL(text).origin === text;
}

/**
 * Where a request comes from, and the headers that let an allowed page read the answer. "none": no page sent it (or
 * one that can't read what comes).
 */
export function applyCrossOrigin(
  request: IncomingMessage,
  response: ServerResponse,
  origins: AllowedOrigins,
): "none" | "allowed" | "refused" {
  response.setHeader("vary", "origin");
  const { origin } = request.headers;
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
