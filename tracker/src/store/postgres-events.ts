import { MAX_FILES_PER_EVENT } from "@panal/sdk";
import type { TrackerEvent } from "../events.ts";
import type { EventLog, LogPart } from "./event-log.ts";
import type { PostgresDatabase, Queries } from "./postgres-connection.ts";
import type { SharedClock } from "./postgres-clock.ts";

/** Events kept for those who come back, and how long: whoever was away for longer looks at everything anew. */
const KEPT_EVENTS = 4_096;
const KEPT_MS = 10 * 60_000;
/** Read at once, and by a process that starts. */
const MAX_READ_EVENTS = 1_024;
const CHANNEL = "panal_events";
/** Between two tries to listen. */
const LISTEN_AGAIN_MS = 5_000;

/** Writes down what a change has to tell, in its transaction: it is told if the change comes true, and only then. */
export async function recordEvents(db: Queries, events: readonly TrackerEvent[]): Promise<void> {
  if (events.length === 0) return;
  await db.run(
    "INSERT INTO event_outbox (event) SELECT e FROM unnest($1::text[]) WITH ORDINALITY AS t (e, n) ORDER BY n",
    [events.map((event) => JSON.stringify(storedForm(event)))],
  );
}

/** With so many files nobody is told which. */
function storedForm(event: TrackerEvent): TrackerEvent {
  const { added = [], removed = [], ...rest } = event;
  return added.length + removed.length > MAX_FILES_PER_EVENT ? rest : event;
}

/**
 * Numbers for what waits, in one round trip and one transaction. Numbers from a sequence would become visible out of order:
 * a change that takes long commits after one with a higher number, and whoever has read that would never see it. So an
 * event gets its number after its change is committed, from whichever replica holds the one row of event_head; what a
 * replica leaves that dies is numbered by another. Of one peer's changes the later was made later, since they lock its row.
 */
const NUMBER_EVENTS = `
  SELECT 1 FROM event_head WHERE id = 1 FOR UPDATE;
  WITH taken AS (DELETE FROM event_outbox RETURNING id, made_at, event),
    numbered AS (SELECT row_number() OVER (ORDER BY made_at, id) AS n, made_at, event FROM taken),
    added AS (
      INSERT INTO events (id, made_at, event) SELECT h.last_id + n.n, n.made_at, n.event FROM numbered n, event_head h)
  UPDATE event_head SET last_id = last_id + (SELECT count(*) FROM numbered) WHERE id = 1`;

interface HeadRow {
  log: string;
  last_id: number;
  is_waiting: boolean;
  database_ms: number;
}

export interface PostgresEventLogOptions {
  readonly clock: SharedClock;
  readonly localNow: () => number;
}

export function createPostgresEventLog(
  db: PostgresDatabase,
  { clock, localNow }: PostgresEventLogOptions,
): EventLog {
  let prunedAt = 0;

  async function head(): Promise<HeadRow> {
    const askedAt = localNow();
    const row = (await db.get<HeadRow>(
      `SELECT log, last_id, EXISTS (SELECT 1 FROM event_outbox) AS is_waiting,
         (extract(epoch FROM clock_timestamp()) * 1000)::double precision AS database_ms FROM event_head WHERE id = 1`,
    ))!;
    clock.note({ databaseMs: row.database_ms, askedAt, answeredAt: localNow() });
    return row;
  }

  async function prune(lastId: number): Promise<void> {
    if (localNow() - prunedAt < KEPT_MS / 10) return;
    prunedAt = localNow();
    await db.run(
      "DELETE FROM events WHERE id <= $1 OR made_at < clock_timestamp() - $2::double precision * interval '1 millisecond'",
      [lastId - KEPT_EVENTS, KEPT_MS],
    );
  }

  return {
    async read(after): Promise<LogPart> {
      let row = await head();
      if (row.is_waiting) {
        await db.run(NUMBER_EVENTS);
        row = await head();
        // A wake-up, after the fact and once for all that was numbered: what nobody hears is found by asking.
        await db.run(`NOTIFY ${CHANNEL}`).catch(() => {});
      }
      const { log, last_id: lastId } = row;
      await prune(lastId);
      const from = after === undefined || after > lastId ? Math.max(0, lastId - MAX_READ_EVENTS) : after;
      if (from === lastId) return { log, events: [], lastSeq: lastId };
      const rows = await db.all<{ id: number; event: string }>(
        "SELECT id, event FROM events WHERE id > $1 ORDER BY id LIMIT $2",
        [from, MAX_READ_EVENTS],
      );
      return {
        log,
        lastSeq: lastId,
        events: rows.map(({ id, event }) => ({ seq: id, event: JSON.parse(event) as TrackerEvent })),
      };
    },

    listen(wake) {
      let end: (() => Promise<void>) | undefined;
      let again: NodeJS.Timeout | undefined;
      let hasEnded = false;
      const retry = () => {
        end = undefined;
        if (!hasEnded) again = setTimeout(start, LISTEN_AGAIN_MS);
      };
      // Where it isn't offered, or not now, there is still the asking.
      const start = () => {
        db.listen(CHANNEL, { notified: wake, lost: retry }).then(async (stop) => {
          if (hasEnded) await stop();
          else end = stop;
        }, retry);
      };
      start();
      return async () => {
        hasEnded = true;
        clearTimeout(again);
        await end?.();
      };
    },
  };
}
