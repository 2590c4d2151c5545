import { PanalError } from "@panal/sdk";

/** Of the system: there is nobody at the other end, or not any more. */
const LOST = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
]);
/** What pg says without a code when a connection breaks, or takes too long. */
const LOST_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Cannot use a pool after)/;

/** SQLSTATE, or the system's name of the error; empty when there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** The connection isn't to be used again. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : "";
  // 08: connection; 57P: the server is shut down, or starts; 53300: it has too many; 25P03: we were idle in a transaction.
  return LOST.has(code) || /^(08|57P|53300|25P03)/.test(code) || LOST_MESSAGE.test(message);
}

/** Somebody else changed the same at the same time: from the start, it will go well. */
export function isCollision(error: unknown): boolean {
  // Serialization failure, deadlock, and rows that came, or went, between a look and a change.
  return error instanceof CollisionError || ["40001", "40P01", "23505", "23503"].includes(codeOf(error));
}

/** Found out by us. */
export class CollisionError extends Error {}

/** A function or a kind of lock this server doesn't have: "function doesn't exist", "feature not supported". */
export function isUnknownFunction(error: unknown): boolean {
  return ["42883", "0A000", "42704"].includes(codeOf(error));
}

/**
 * As the rest of the tracker knows errors: "busy" when it may go well later. A server that can't be used as it is, is that to
 * whoever asks something; the cause has the words for the operator.
 */
export function storeError(error: unknown): unknown {
  if (error instanceof PanalError) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (isConnectionLost(error)) {
    return new PanalError("busy", "the tracker's database doesn't answer; try again soon", { cause: error });
  }
  if (isCollision(error) || code === "57014" || code === "55P03") {
    return new PanalError("busy", "the tracker's database is too busy; try again soon", { cause: error });
  }
  // Wrong password, no such role, no such database: PostgreSQL's words name what is wrong, and no password.
  if (code.startsWith("28") || code === "3D000")
    return unusable(new PanalError("invalid", `--store: ${message}`, { cause: error }));
  return error;
}

/** The error of a store that needs its operator. */
export function unusable(cause: PanalError): PanalError {
  return new PanalError("busy", "the tracker's database can't be used; its operator finds why in the log", {
    cause,
  });
}

/** What an operator is told when the store can't be used as it is; undefined when it is only away. */
export function whyUnusable(error: unknown): PanalError | undefined {
  return error instanceof PanalError && error.cause instanceof PanalError ? error.cause : undefined;
}
