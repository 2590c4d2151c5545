import { PanalError, type PanalErrorCode, type Problem } from "@panal/sdk";
import { InvalidFieldsError } from "./invalid-fields.ts";
import { AddressTakenError } from "./registry.ts";

/** An answer as RFC 9457 has it. */
export function problemResponse(
  problem: Omit<Problem, "type">,
  headers: Record<string, string> = {},
): Response {
  return new Response(JSON.stringify({ type: "about:blank", ...problem }), {
    status: problem.status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...headers },
  });
}

/** The answer to an error: the one place where codes become HTTP. */
export function problemFromError(error: unknown): Response {
  const known = PanalError.from(error);
  const { status, title } = STATUS[known.code];
  const problem: Omit<Problem, "type"> = {
    status,
    title,
    // What went wrong inside is for the log, not for strangers.
    ...(status >= 500 && known.code === "internal" ? {} : { detail: known.message }),
  };
  if (known instanceof InvalidFieldsError) return problemResponse({ ...problem, errors: [...known.fields] });
  if (known instanceof AddressTakenError) {
    return problemResponse(
      { ...problem, nonce: known.nonce },
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
