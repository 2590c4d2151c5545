import { PanalError, type PanalErrorCode, type Problem } from "@panal/sdk";
import { InvalidFieldsError } from "./invalid-fields.ts";
import { TooManyError } from "./limits.ts";
import { AddressTakenError } from "./registry.ts";

/**
 * What kinds of problems there are, for programs to switch on: these names never change their meaning. With their
 * explanation, for people.
 */
export const PROBLEM_KINDS = {
  invalid: "Something in the request is malformed; `errors` names each field, with the value it had",
  unauthorized: "No lease, or one nobody knows: register",
  forbidden: "The lease of another peer, or an address that isn't the caller's",
  "foreign-origin": "A page of an origin that may not use this tracker (--allow-origin)",
  "not-found": "No such file, peer or page; to a heartbeat: register again",
  "method-not-allowed": "The path takes other methods: see `Allow`",
  timeout: "The request took too long to arrive",
  conflict: "The list has another revision than the change starts from: send the whole list",
  "address-taken":
    "A live peer has the address: wait for `Retry-After`, or serve `nonce` and register with it",
  "out-of-range": "Outside of the file",
  "too-large": "More than is taken at once: send it in parts",
  "unknown-host": "A host name this tracker wasn't told of (--allow-host)",
  "too-many-requests":
    "More than an address or a lease may do: `detail` says of what, `Retry-After` when there is more",
  busy: "Not now: `Retry-After` says when",
  internal: "Our mistake, or the machine's; the log has it under the same `requestId`",
} as const;
export type ProblemKind = keyof typeof PROBLEM_KINDS;

/** A name, not an address: nothing is to be fetched there. */
export function problemType(kind: ProblemKind): string {
  return `urn:panal:problem:${kind}`;
}

/** An answer as RFC 9457 has it; its kind follows from the status where that has one only. */
export function problemResponse(
  { kind, ...problem }: Omit<Problem, "type"> & { kind?: ProblemKind },
  headers: Record<string, string> = {},
): Response {
  const type = problemType(kind ?? kindOfStatus(problem.status));
  return new Response(JSON.stringify({ type, ...problem }), {
    status: problem.status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...headers },
  });
}

/** The answer to an error: the one place where codes become HTTP. */
export function problemFromError(error: unknown): Response {
  const known = PanalError.from(error);
  const { status, title } = STATUS[known.code];
  const problem: Omit<Problem, "type"> & { kind: ProblemKind } = {
    kind: kindOfCode(known.code),
    status,
    title,
    // What went wrong inside is for the log, not for strangers.
    ...(status >= 500 && known.code === "internal" ? {} : { detail: known.message }),
  };
  if (known instanceof InvalidFieldsError) return problemResponse({ ...problem, errors: [...known.fields] });
  if (known instanceof AddressTakenError) {
    return problemResponse(
      { ...problem, kind: "address-taken", nonce: known.nonce },
      { "retry-after": String(known.retryAfterSeconds) },
    );
  }
  if (known instanceof TooManyError) {
    return problemResponse(
      { ...problem, kind: "too-many-requests", status: 429, title: "Too many requests" },
      { "retry-after": String(known.retryAfterSeconds) },
    );
  }
  if (known.code === "unauthorized")
    return problemResponse(problem, { "www-authenticate": 'Bearer realm="panal"' });
  if (known.code === "busy") return problemResponse(problem, { "retry-after": "5" });
  return problemResponse(problem);
}

/** Whether an error is our mistake, or the machine's, and belongs in the log. */
export function isServerError(error: unknown): boolean {
  return STATUS[PanalError.from(error).code].status === 500;
}

function kindOfCode(code: PanalErrorCode): ProblemKind {
  return STATUS[code].status !== 500 && code in PROBLEM_KINDS ? (code as ProblemKind) : "internal";
}

function kindOfStatus(status: number): ProblemKind {
  switch (status) {
    case 403:
      return "forbidden";
    case 404:
      return "not-found";
    case 405:
      return "method-not-allowed";
    case 421:
      return "unknown-host";
    case 503:
      return "busy";
    default:
      return status < 500 ? "invalid" : "internal";
  }
}

const STATUS: Record<PanalErrorCode, { status: number; title: string }> = {
  invalid: { status: 400, title: "Malformed request" },
  unauthorized: { status: 401, title: "No valid lease" },
  forbidden: { status: 403, title: "Not allowed" },
  "not-found": { status: 404, title: "Not found" },
  conflict: { status: 409, title: "Conflict" },
  "out-of-range": { status: 400, title: "Out of range" },
  "too-large": { status: 413, title: "Too large" },
  timeout: { status: 408, title: "Took too long" },
  busy: { status: 503, title: "Busy" },
  "no-space": { status: 500, title: "Internal error" },
  "no-permission": { status: 500, title: "Internal error" },
  aborted: { status: 500, title: "Internal error" },
  changed: { status: 500, title: "Internal error" },
  corrupt: { status: 500, title: "Internal error" },
  unreachable: { status: 500, title: "Internal error" },
  protocol: { status: 500, title: "Internal error" },
  internal: { status: 500, title: "Internal error" },
};
