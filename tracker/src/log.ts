import { PanalError } from "@panal/sdk";
import { type DestinationStream, type Logger, pino } from "pino";
import { logText } from "./log-text.ts";
import { readableLine } from "./readable-line.ts";

const MAX_STACK_LENGTH = 8_000;
/** Lines that wait for whoever reads them: then new ones are dropped, since peers mustn't wait for a log. */
const MAX_WAITING_BYTES = 1024 * 1024;

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type Log = Pick<Logger, "debug" | "info" | "warn" | "error" | "level" | "isLevelEnabled">;

export interface LogOptions {
  level: LogLevel;
  /** For people instead of programs. */
  isReadable: boolean;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Takes each line; default stderr, without waiting for it. */
  write?: ((line: string) => void) | undefined;
}

/** One JSON object a line, or the same for people. Fields from outside go through `logText` first. */
export function createLog({ level, isReadable, now, write }: LogOptions): Log {
  const lines = write === undefined ? stderr() : { write: (text: string) => write(text.trimEnd()) };
  const stream: DestinationStream = isReadable
    ? { write: (text: string) => lines.write(`${readableLine(text)}\n`) }
    : lines;
  return pino(
    {
      level,
      // Neither process nor machine: whoever collects logs of several knows where a line is from.
      base: null,
      messageKey: "message",
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
    },
    stream,
  );
}

/** Only what is known to be harmless: other properties of an error may hold what a request carried. */
function describeError(error: unknown): { code: string; message: string; stack: string[] } {
  const { code, message } = PanalError.from(error);
  // Where it came from helps with mistakes of ours; what the world does wrong, the message says.
  const stack = error instanceof Error && code === "internal" ? (error.stack ?? "") : "";
  return {
    code,
    message: logText(message),
    stack: stack.slice(0, MAX_STACK_LENGTH).split("\n").slice(1).map(logText),
  };
}

/** A reader that stops, or a full disk, costs lines, and nothing else: neither the tracker's time nor its orderly end. */
function stderr(): DestinationStream {
  if (process.stderr.listenerCount("error") === 0) process.stderr.on("error", () => {});
  return {
    write(text) {
      if (process.stderr.writableLength < MAX_WAITING_BYTES) process.stderr.write(text);
    },
  };
}
