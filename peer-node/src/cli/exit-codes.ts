import { PanalError, displayName } from "@panal/sdk";

/** What a command tells the shell. */
export const EXIT = { done: 0, failed: 1, usage: 2, notFound: 3, interrupted: 130 } as const;

/** The caller asked for something that can't be: shown with the way to the help, exit code 2. */
export class UsageError extends PanalError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("invalid", message, options);
    this.name = "UsageError";
  }
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  switch (PanalError.from(error).code) {
    case "aborted":
      return EXIT.interrupted;
    case "not-found":
      return EXIT.notFound;
    case "invalid":
      return EXIT.usage;
    default:
      return EXIT.failed;
  }
}

/** What went wrong and, where there is something, what to do; one line, safe for a terminal. */
export function sentenceOf(error: unknown): string {
  const { code, message } = PanalError.from(error);
  const what = displayName(message);
  switch (code) {
    case "aborted":
      return "stopped";
    case "no-space":
      return `no space left: ${what}. What has arrived is kept; make room and call it again.`;
    case "no-permission":
      return `not allowed: ${what}`;
    case "unreachable":
    case "timeout":
      if (what.endsWith("its certificate isn't trusted here")) {
        return `${what}. Is it the right address? Then name the file of who signed it: NODE_EXTRA_CA_CERTS=ca.crt`;
      }
      return what.startsWith("tracker ")
        ? `${what}. Is it running there? (--tracker URL; download also takes --peer URL without a tracker)`
        : what;
    case "internal":
      return `internal error: ${what}`;
    default:
      return what;
  }
}
