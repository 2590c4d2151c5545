import { type TrackerClient, createTrackerClient } from "@panal/sdk";
import { InvalidArgumentError, Option } from "commander";
import { UsageError } from "./exit-codes.ts";

const DEFAULT_TRACKER = "http://localhost:7070";

/** `--tracker URL`, the same for every command. */
export function trackerOption(): Option {
  return new Option("--tracker <url>", "the tracker").env("PANAL_TRACKER").default(DEFAULT_TRACKER);
}

/** `--json`, the same for every command that answers. */
export function jsonOption(): Option {
  return new Option("--json", "print the answer as JSON");
}

export function trackerAt(url: string): TrackerClient {
  try {
    return createTrackerClient({ url });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** 0 to 65535; throws a usage error for anything else. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65535) throw new InvalidArgumentError("expected 0 to 65535");
  return port;
}

/** For an option that may be given several times. */
export function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
