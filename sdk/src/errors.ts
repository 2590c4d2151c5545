/**
 * What went wrong, in one word that code can switch on. Each edge translates it once: to a Connect code, an HTTP
 * problem, an exit code, a sentence in the app.
 */
export type PanalErrorCode =
  | "aborted" // the caller's signal
  | "invalid" // malformed input: an id, a link, a range, a message
  | "not-found" // no such file, peer, folder
  | "out-of-range" // offset or length outside the file
  | "unauthorized" // no lease, or one nobody knows
  | "forbidden" // somebody else's
  | "conflict" // the target or the address is taken
  | "too-large" // over a named limit
  | "busy" // too many clients or requests: later
  | "changed" // the file is not what it was
  | "corrupt" // bytes that don't match their hash
  | "no-space" // the disk (or the browser's quota) is full
  | "no-permission" // the operating system or the browser refuses
  | "unreachable" // no connection, or it broke
  | "timeout" // nothing came for too long
  | "protocol" // an answer that breaks the contract
  | "internal"; // our mistake

/** The only error class that crosses a module boundary. The message names the thing and the value. */
export class PanalError extends Error {
  readonly code: PanalErrorCode;

  constructor(code: PanalErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "PanalError";
    this.code = code;
  }

  /** Any thrown value as a PanalError: itself, an abort, an operating-system error by its code, or `fallback`. */
  static from(error: unknown, fallback: PanalErrorCode = "internal"): PanalError {
    if (error instanceof PanalError) return error;
    if (isAbort(error)) return new PanalError("aborted", "stopped", { cause: error });
    return new PanalError(codeOfSystemError(error) ?? fallback, messageOf(error), { cause: error });
  }
}

/** Whether a thrown value says that the caller's AbortSignal fired. */
export function isAbort(error: unknown): boolean {
  if (error instanceof PanalError) return error.code === "aborted";
  return error instanceof Error && error.name === "AbortError";
}

/** Throws "aborted" when the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new PanalError("aborted", "stopped", { cause: signal.reason });
}

/** What people are told: the system's words without its own name for the error, or better ones. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  switch ("code" in error ? error.code : undefined) {
    case "EADDRNOTAVAIL":
      return "this machine doesn't have that address";
    case "ECONNREFUSED":
      return "connection refused";
    case "ECONNRESET":
    case "EPIPE":
    case "UND_ERR_SOCKET":
      return "the connection broke";
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "no way to that address";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "no such host";
    case "ETIMEDOUT":
    case "UND_ERR_CONNECT_TIMEOUT":
    case "UND_ERR_HEADERS_TIMEOUT":
    case "UND_ERR_BODY_TIMEOUT":
      return "no answer in time";
    default:
      return error.message.replace(/^E[A-Z0-9]+: /, "");
  }
}

/** Whether the operating system (or the browser's storage) names this error, so that `from` knows what it means. */
export function isSystemError(error: unknown): boolean {
  return codeOfSystemError(error) !== undefined;
}

function codeOfSystemError(error: unknown): PanalErrorCode | undefined {
  if (!(error instanceof Error)) return undefined;
  // The browser's quota error carries a name, Node's errors a code.
  if (error.name === "QuotaExceededError") return "no-space";
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return "no-permission";
  switch ("code" in error ? error.code : undefined) {
    case "ENOENT":
    case "ENOTDIR":
      return "not-found";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "no-permission";
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return "no-space";
    case "EEXIST":
    case "EADDRINUSE":
      return "conflict";
    case "ENAMETOOLONG":
    case "EADDRNOTAVAIL":
      return "invalid";
    case "ECONNREFUSED":
    case "ECONNRESET":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EPIPE":
    case "UND_ERR_SOCKET":
      return "unreachable";
    case "ETIMEDOUT":
    case "UND_ERR_CONNECT_TIMEOUT":
    case "UND_ERR_HEADERS_TIMEOUT":
    case "UND_ERR_BODY_TIMEOUT":
      return "timeout";
    default:
      return undefined;
  }
}
