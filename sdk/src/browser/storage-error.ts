import { PanalError, type PanalErrorCode } from "../errors.ts";

/** What a browser's file system throws, in our words; `what` names the file. */
export function storageError(error: unknown, what: string): PanalError {
  if (error instanceof PanalError) return error;
  // Only storage means these by them.
  switch (error instanceof Error ? error.name : "") {
    case "NoModificationAllowedError":
      return new PanalError("conflict", `${what}: another tab has it open`, { cause: error });
    case "NotFoundError":
      return new PanalError("not-found", `${what} is gone`, { cause: error });
  }
  const { code, message } = PanalError.from(error, "internal");
  return new PanalError(code, `${what}: ${wordsFor(code) ?? message}`, { cause: error });
}

function wordsFor(code: PanalErrorCode): string | undefined {
  switch (code) {
    case "no-permission":
      return "the browser refuses";
    case "no-space":
      return "no space is left for this page";
    default:
      return undefined;
  }
}
