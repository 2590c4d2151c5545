import type { ServerResponse } from "node:http";
import { grpcMessage } from "@panal/sdk/node";
import type { TooManyError } from "../limits.ts";
import type { ProblemKind } from "../problem.ts";
import { problemType } from "../problem.ts";
import { SAFE_HEADERS } from "./passed-headers.ts";

/** What the gateway itself has to say. */
export interface GatewayProblem {
  readonly kind: ProblemKind;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What whoever did more than is allowed is told, and counted by the caller of this. */
export function tooManyProblem(error: TooManyError): GatewayProblem {
  return {
    kind: "too-many-requests",
    status: 429,
    title: "Too many requests",
    detail: error.message,
    headers: { "retry-after": String(error.retryAfterSeconds) },
  };
}

/** gRPC's status for one of HTTP (its documents' "http-grpc-status-mapping"). */
function grpcStatus(status: number): number {
  switch (status) {
    case 400:
      return 13;
    case 401:
      return 16;
    case 403:
      return 7;
    case 404:
    case 405:
      return 12;
    default:
      return 14;
  }
}

/** As problem+json; to a gRPC client as an answer that is nothing but its status. */
export function answerProblem(
  response: ServerResponse,
  { kind, status, title, detail, headers = {} }: GatewayProblem,
  { isGrpc = false } = {},
): void {
  if (isGrpc) {
    response.writeHead(200, {
      "content-type": "application/grpc",
      "grpc-status": String(grpcStatus(status)),
      "grpc-message": grpcMessage(detail),
    });
    response.end();
    return;
  }
  const body = Buffer.from(JSON.stringify({ type: problemType(kind), status, title, detail }));
  response.writeHead(status, {
    ...SAFE_HEADERS,
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    "content-length": body.length,
    ...headers,
  });
  response.end(response.req.method === "HEAD" ? undefined : body);
}
