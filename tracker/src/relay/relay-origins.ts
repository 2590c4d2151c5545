import type { IncomingMessage, ServerResponse } from "node:http";

const REQUEST_HEADERS = [
  "authorization",
  "content-type",
  "connect-protocol-version",
  "connect-timeout-ms",
  "grpc-timeout",
  "x-grpc-web",
  "x-user-agent",
  "panal-pull",
  "panal-offset",
  "panal-head",
  "panal-end",
  "panal-error",
].join(", ");
const PREFLIGHT_SECONDS = 7200;

/** Whose page it is; sets what lets a page of the app, and of no other origin, read the answer. */
export function applyRelayOrigin(
  { headers: { origin } }: IncomingMessage,
  response: ServerResponse,
  origins: { has(origin: string): boolean },
): "none" | "allowed" | "refused" {
  response.setHeader("vary", "origin");
  response.setHeader("x-content-type-options", "nosniff");
  if (origin === undefined) return "none";
  if (!origins.has(origin)) return "refused";
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-expose-headers", "grpc-status, grpc-message, grpc-status-details-bin");
  return "allowed";
}

/** Answers a preflight of an allowed page. */
export function answerRelayPreflight(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("access-control-allow-methods", "GET, POST");
  response.setHeader("access-control-allow-headers", REQUEST_HEADERS);
  response.setHeader("access-control-max-age", PREFLIGHT_SECONDS);
  // A page of the public web, or of localhost, that reaches into a local network.
  if (request.headers["access-control-request-private-network"] === "true") {
    response.setHeader("access-control-allow-private-network", "true");
  }
  response.writeHead(204).end();
}
