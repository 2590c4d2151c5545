import type { SharedFile } from "./shared-files.ts";
import { smoothedSpeed } from "./smoothed-speed.ts";

/** Who asks for nothing for so long has what it wanted, or has gone. */
const LINGER_MS = 4_000;
/** Shown at most. */
const MAX_SHOWN = 50;

/** Somebody who fetches a file from here: of people we know no more than what their program calls itself. */
export interface Reader {
  readonly key: string;
  readonly client: string;
  readonly path: string;
  readonly size: number;
  readonly sentBytes: number;
  readonly bytesPerSecond: number;
}

interface Entry {
  readonly client: string;
  readonly file: SharedFile;
  sentBytes: number;
  sampledBytes: number;
  bytesPerSecond: number;
  openCount: number;
  lastAt: number;
}

export interface OpenReader {
  sent(bytes: number): void;
  close(): void;
}

/** Who is reading what. A client asks for a file in many requests: these are one reader. */
export interface Readers {
  /** One request more: to be told what goes away for it, and when it has ended. */
  open(of: { agent: string | undefined; file: SharedFile }): OpenReader;
  /** Counts what goes through. */
  count(
    body: AsyncIterable<Uint8Array<ArrayBuffer>>,
    of: { agent: string | undefined; file: SharedFile },
  ): AsyncGenerator<Uint8Array<ArrayBuffer>>;
  /** Those there are now, the fastest first. To be called from time to time, which is what speeds are measured between. */
  sample(): Reader[];
}

export function createReaders(now: () => number): Readers {
  const entries = new Map<string, Entry>();
  let sampledAt = now();

  function open({ agent, file }: { agent: string | undefined; file: SharedFile }): OpenReader {
    const client = clientOf(agent);
    const key = `${file.manifest.fileId} ${client}`;
    const entry = entries.get(key) ?? newEntry({ client, file, now: now() });
    entries.set(key, entry);
    entry.openCount++;
    return {
      sent(bytes) {
        entry.sentBytes += bytes;
        entry.lastAt = now();
      },
      close() {
        entry.openCount--;
        entry.lastAt = now();
      },
    };
  }

  return {
    open,
    async *count(body, of) {
      const reader = open(of);
      try {
        for await (const bytes of body) {
          reader.sent(bytes.length);
          yield bytes;
        }
      } finally {
        reader.close();
      }
    },
    sample() {
      const elapsedMs = Math.max(1, now() - sampledAt);
      sampledAt = now();
      const shown: Reader[] = [];
      for (const [key, entry] of entries) {
        if (entry.openCount === 0 && sampledAt - entry.lastAt > LINGER_MS) {
          entries.delete(key);
          continue;
        }
        const { client, file, sentBytes } = entry;
        const bytes = sentBytes - entry.sampledBytes;
        const bytesPerSecond = smoothedSpeed(entry.bytesPerSecond, { bytes, elapsedMs });
        entry.sampledBytes = sentBytes;
        entry.bytesPerSecond = bytesPerSecond;
        shown.push({ key, client, path: file.path, size: file.manifest.length, sentBytes, bytesPerSecond });
      }
      return shown.sort((a, b) => b.bytesPerSecond - a.bytesPerSecond).slice(0, MAX_SHOWN);
    },
  };
}

function newEntry({ client, file, now }: { client: string; file: SharedFile; now: number }): Entry {
  return { client, file, sentBytes: 0, sampledBytes: 0, bytesPerSecond: 0, openCount: 0, lastAt: now };
}

/** What browsers call themselves, the more special ones first; all say "Mozilla" and most "Safari". */
const BROWSERS = [
  ["Edg/", "Edge"],
  ["OPR/", "Opera"],
  ["Firefox/", "Firefox"],
  ["Chrome/", "Chrome"],
  ["Safari/", "Safari"],
] as const;

/** A program's name of a User-Agent; empty when it has none that can be shown. */
export function clientOf(agent: string | undefined): string {
  if (agent === undefined) return "";
  const browser = BROWSERS.find(([mark]) => agent.includes(mark));
  if (browser !== undefined && agent.startsWith("Mozilla/")) return browser[1];
  return /^[A-Za-z][\w.+-]{0,31}/.exec(agent)?.[0] ?? "";
}
