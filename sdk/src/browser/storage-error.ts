import { PanalError } from "../errors.ts";

/** What a browser's file system throws, in our words; `what` names the file. */
export function storageError(error: unknown, what: string): PanalError {
  if (error instanceof PanalError) return error;
  switch (error instanceof Error ? error.name : "") {
    case "NoModificationAllowedError":
      return new PanalError("conflict", `${what}: another tab has it open`, { cause: error });
    case "NotFoundError":
      return new PanalError("not-found", `${what} is gone`, { cause: error });
    case "NotAllowedError":
    case "SecurityError":
      return new PanalError("no-permission", `${what}: the browser refuses`, { cause: error });
    case "QuotaExceededError":
      return new PanalError("no-space", `${what}: no space is left for this page`, { cause: error });
    default: {
      const { code, message } = PanalError.from(error, "internal");
      return new PanalError(code, `${what}: ${message}`, { cause: error });
    }
  }
}
