import type { Challenges } from "../challenges.ts";
import type { EventLog } from "./event-log.ts";
import { createPostgresChallenges } from "./postgres-challenges.ts";
import { createSharedClock } from "./postgres-clock.ts";
import { type ConnectionOptions, type Queries, connectPostgres } from "./postgres-connection.ts";
import { isUnknownFunction } from "./postgres-errors.ts";
import { createPostgresEventLog, recordEvents } from "./postgres-events.ts";
import { createFileIndex } from "./postgres-index.ts";
import { createListStore } from "./postgres-lists.ts";
import { IS_VISIBLE, createPeerStore, viewParams } from "./postgres-peers.ts";
import { createReportStore } from "./postgres-reports.ts";
import { migrate } from "./postgres-schema.ts";
import type { Store } from "./store.ts";

const TABLES = ["peers", "lists", "files", "names", "entries", "words", "reports", "events", "bare_names"];

/** A store that several processes use at once, with what they share besides. */
export interface SharedStore {
  readonly store: Store;
  readonly challenges: Challenges;
  readonly eventLog: EventLog;
  /** Milliseconds since 1970, the same for all of them. */
  readonly now: () => number;
}

export interface PostgresOptions extends Pick<ConnectionOptions, "note" | "url"> {
  /** Of this machine; steady. */
  readonly now: () => number;
}

/** Connects with the first question, and makes the tables then. Throws "invalid" for an address that is none. */
export function createPostgresStore({ url, note, now: localNow }: PostgresOptions): SharedStore {
  const db = connectPostgres({ url, note, prepare: migrate });
  const clock = createSharedClock(localNow);
  const store: Store = {
    ...partsOf(db),
    index: createFileIndex(db),
    reports: createReportStore(db),
    change: (work) =>
      db.transaction(async (queries) => {
        const changed = await work(partsOf(queries));
        await recordEvents(queries, changed.events);
        return changed;
      }),
    async measure(view) {
      const live = (await db.get<{ peers: number; entries: number }>(
        `SELECT count(*) AS peers, coalesce(sum(l.file_count), 0)::bigint AS entries FROM peers p
           JOIN lists l ON l.id = p.list WHERE ${IS_VISIBLE}`,
        viewParams(view),
      ))!;
      return { ...live, sizeBytes: await sizeOf(db) };
    },
    async ping() {
      const askedAt = localNow();
      const row = (await db.get<{ ms: number }>(
        "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::double precision AS ms FROM panal_schema",
      ))!;
      clock.note({ databaseMs: row.ms, askedAt, answeredAt: localNow() });
    },
    close: () => db.close(),
  };
  return {
    store,
    challenges: createPostgresChallenges(db, clock.now),
    eventLog: createPostgresEventLog(db, { clock, localNow }),
    now: clock.now,
  };
}

function partsOf(queries: Queries) {
  return { peers: createPeerStore(queries), lists: createListStore(queries) };
}

/** Of our tables and their indexes; 0 where the engine doesn't say. */
async function sizeOf(db: Queries): Promise<number> {
  try {
    const row = await db.get<{ bytes: number }>(
      "SELECT sum(pg_total_relation_size(t::regclass))::bigint AS bytes FROM unnest($1::text[]) AS s (t)",
      [TABLES],
    );
    return row?.bytes ?? 0;
  } catch (error) {
    if (isUnknownFunction(error)) return 0;
    throw error;
  }
}
