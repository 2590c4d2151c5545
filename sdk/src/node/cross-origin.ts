import type { IncomingMessage, ServerResponse } from "node:http";
import { UPLOAD_CODE_HEADER } from "../rpc/peer-upload-target.ts";

const PREFLIGHT_SECONDS = 7200;

/** What pages may do across origins. */
export interface CrossOriginRules {
  readonly methods: readonly string[];
  readonly requestHeaders: readonly string[];
  /** Headers of an answer that they may read. */
  readonly exposedHeaders: readonly string[];
}

/** What a peer gives, whoever passes it on: to Connect and gRPC-Web clients and players, and for uploads. */
export const PEER_CROSS_ORIGIN: CrossOriginRules = {
  methods: ["GET", "HEAD", "POST"],
  requestHeaders: [
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
  ],
  exposedHeaders: [
    "grpc-status",
    "grpc-message",
    "grpc-status-details-bin",
    "accept-ranges",
    "content-disposition",
    "content-length",
    "content-range",
    "etag",
  ],
};

export interface CrossOrigin {
  /**
   * Where a request comes from, and the headers that let an allowed page, and of no other origin, read the answer. "none": no page
   * sent it (or one that can't read what comes).
   */
  apply(
    request: IncomingMessage,
    response: ServerResponse,
    origins: { has(origin: string): boolean },
  ): "none" | "allowed" | "refused";
  /** Answers a preflight of an allowed page. */
  answerPreflight(request: IncomingMessage, response: ServerResponse): void;
}

export function createCrossOrigin(rules: CrossOriginRules): CrossOrigin {
  const methods = rules.methods.join(", ");
  const requestHeaders = rules.requestHeaders.join(", ");
  const exposedHeaders = rules.exposedHeaders.join(", ");
  return {
    apply({ headers: { origin } }, response, origins) {
      response.setHeader("vary", "origin");
      if (origin === undefined) return "none";
      if (!origins.has(origin)) return "refused";
      response.setHeader("access-control-allow-origin", origin);
      response.setHeader("access-control-expose-headers", exposedHeaders);
      return "allowed";
    },
    answerPreflight(request, response) {
      response.setHeader("access-control-allow-methods", methods);
      response.setHeader("access-control-allow-headers", requestHeaders);
      response.setHeader("access-control-max-age", PREFLIGHT_SECONDS);
      // A page of the public web, or of localhost, that reaches into a local network.
      if (request.headers["access-control-request-private-network"] === "true") {
        response.setHeader("access-control-allow-private-network", "true");
      }
      response.writeHead(204).end();
    },
  };
}
