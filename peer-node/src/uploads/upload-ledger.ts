import { readFile } from "node:fs/promises";
import { PanalError } from "@panal/sdk";
import { createJournalKeeper } from "@panal/sdk/node";
import { writePrivateFile } from "../write-private-file.ts";

/** A quota is for so long, from the first upload on. */
const WINDOW_MS = 24 * 3600 * 1000;
/** Each file counts as this at least: a million empty ones take place, too. */
const MIN_FILE_BYTES = 4096;
const MAX_CLIENTS = 10_000;

/** What each address has uploaded, over restarts. */
export interface UploadLedger {
  /** Throws "busy" when a client's quota doesn't hold `lengths` of bytes more, those under way included. */
  check(client: string, lengths: readonly number[]): void;
  /** A file has come. */
  add(client: string, length: number): Promise<void>;
  close(): Promise<void>;
}

interface Entry {
  bytes: number;
  /** Milliseconds since 1970. */
  sinceMs: number;
}

export interface UploadLedgerOptions {
  path: string;
  /** Bytes an address may upload in 24 hours. */
  quotaBytes: number;
  now: () => number;
}

/** Opens the ledger; one that can't be read is begun anew. */
export async function openUploadLedger({
  path,
  quotaBytes,
  now,
}: UploadLedgerOptions): Promise<UploadLedger> {
  const entries = parseEntries(await readFile(path, "utf8").catch(() => "{}"));
  // Many small files share a write.
  const keeper = createJournalKeeper(() =>
    writePrivateFile(path, JSON.stringify(Object.fromEntries(entries))),
  );

  function entryOf(client: string): Entry {
    const entry = entries.get(client);
    return entry === undefined || now() - entry.sinceMs >= WINDOW_MS ? { bytes: 0, sinceMs: now() } : entry;
  }

  return {
    check(client, lengths) {
      const { bytes, sinceMs } = entryOf(client);
      const wanted = lengths.reduce((sum, length) => sum + countedBytes(length), 0);
      if (bytes + wanted <= quotaBytes) return;
      const hours = Math.max(1, Math.ceil((sinceMs + WINDOW_MS - now()) / 3_600_000));
      throw new PanalError(
        "busy",
        `your quota at this peer is ${quotaBytes} bytes a day, of which ${Math.max(0, quotaBytes - bytes)} are left: ` +
          `try again in ${hours} h, or ask whoever runs it for a larger --upload-quota`,
      );
    },
    async add(client, length) {
      const entry = entryOf(client);
      entries.delete(client);
      entries.set(client, { bytes: entry.bytes + countedBytes(length), sinceMs: entry.sinceMs });
      const [oldest] = entries.keys();
      if (entries.size > MAX_CLIENTS && oldest !== undefined) entries.delete(oldest);
      await keeper.added();
    },
    close: () => keeper.save(),
  };
}

function countedBytes(length: number): number {
  return Math.max(MIN_FILE_BYTES, length);
}

function parseEntries(text: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  let kept: unknown;
  try {
    kept = JSON.parse(text);
  } catch {
    return entries;
  }
  for (const [client, entry] of Object.entries(kept ?? {}) as [string, unknown][]) {
    if (typeof entry !== "object" || entry === null || !("bytes" in entry) || !("sinceMs" in entry)) continue;
    const { bytes, sinceMs } = entry;
    if (typeof bytes === "number" && typeof sinceMs === "number") entries.set(client, { bytes, sinceMs });
  }
  return entries;
}
