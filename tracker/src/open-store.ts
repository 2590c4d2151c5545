import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { PanalError } from "@panal/sdk";
import { acquireProcessLock } from "@panal/sdk/node";
import { type Challenges, createChallenges } from "./challenges.ts";
import type { TrackerConfig } from "./config.ts";
import type { EventLog } from "./store/event-log.ts";
import { createSqliteStore } from "./store/sqlite.ts";
import { DATABASE_FILE } from "./store/sqlite-copy.ts";
import { openSqliteReader } from "./store/sqlite-reader.ts";
import type { ReadOnlyStore, Store } from "./store/store.ts";

/** A store, and what goes with it: a process that has its own knows the time and what happens; several have to agree. */
export interface OpenStore {
  readonly store: Store;
  readonly challenges: Challenges;
  /** Milliseconds since 1970, the same for all who use the store. */
  readonly now: () => number;
  /** Undefined: nobody else changes anything. */
  readonly eventLog: EventLog | undefined;
  close(): Promise<void>;
}

/** Throws when the store can't be used; one that is only away is there later. */
export function openStore(config: TrackerConfig): Promise<OpenStore> {
  return config.storeUrl === undefined ? openSqlite(config) : openPostgres(config, config.storeUrl);
}

async function openSqlite({ dataDir, now }: TrackerConfig): Promise<OpenStore> {
  const isKept = dataDir !== ":memory:";
  const lock = isKept ? await lockData(dataDir) : undefined;
  try {
    const store = createSqliteStore(isKept ? join(dataDir, DATABASE_FILE) : dataDir);
    return {
      store,
      challenges: createChallenges(now),
      now,
      eventLog: undefined,
      async close() {
        await store.close();
        await lock?.release();
      },
    };
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

/** For a process that only looks, beside the tracker whose store it is. */
export async function openStoreForReading(
  config: TrackerConfig,
): Promise<{ store: ReadOnlyStore; now: () => number; close(): Promise<void> }> {
  if (config.storeUrl !== undefined) return openPostgres(config, config.storeUrl);
  const store = openSqliteReader(join(config.dataDir, DATABASE_FILE));
  return { store, now: config.now, close: () => store.close() };
}

/** Two trackers that write into one index would each be wrong half of the time. */
async function lockData(dataDir: string) {
  try {
    await mkdir(dataDir, { recursive: true });
    return await acquireProcessLock(join(dataDir, "tracker.lock"), `the data folder ${dataDir}`);
  } catch (error) {
    const { code, message } = PanalError.from(error);
    // Somebody else's lock, in its own words.
    if (error instanceof PanalError && code === "conflict") throw error;
    const why = code === "conflict" ? "is a file; it must be a folder" : message;
    throw new PanalError("invalid", `--data: ${dataDir}: ${why}`, { cause: error });
  }
}

async function openPostgres({ log, now }: TrackerConfig, url: string): Promise<OpenStore> {
  // Only now: whoever doesn't use it shouldn't wait for it to be loaded.
  const [{ createPostgresStore }, { whyUnusable }] = await Promise.all([
    import("./store/postgres.ts"),
    import("./store/postgres-errors.ts"),
  ]);
  const shared = createPostgresStore({
    url,
    now,
    note({ isThere, error }) {
      if (isThere) log.info("the database is back");
      else log.error({ error }, "the database is away: requests are answered with 503 until it is back");
    },
  });
  try {
    await shared.store.ping();
  } catch (error) {
    const why = whyUnusable(error);
    const isAway = why === undefined && error instanceof PanalError && error.code === "busy";
    if (!isAway) {
      await shared.store.close();
      throw why ?? error;
    }
  }
  return { ...shared, close: () => shared.store.close() };
}
