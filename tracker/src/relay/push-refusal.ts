import type { ProblemKind } from "../problem.ts";

/** Why a push isn't taken; `relay.proto` says what a peer does then. */
export class PushRefusal extends Error {
  readonly status: number;
  readonly kind: ProblemKind;

  constructor(status: 400 | 401 | 403 | 404 | 405 | 408 | 409 | 411 | 413 | 416 | 429, detail: string) {
    super(detail);
    this.status = status;
    this.kind = KINDS[status];
  }
}

const KINDS = {
  400: "invalid",
  401: "unauthorized",
  403: "forbidden",
  404: "not-found",
  405: "method-not-allowed",
  408: "timeout",
  409: "conflict",
  411: "invalid",
  413: "too-large",
  416: "out-of-range",
  429: "too-many-requests",
} as const satisfies Record<number, ProblemKind>;
