import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import pg from "pg";

/** A database of the test run's PostgreSQL server. */
export interface TestDatabase {
  readonly url: string;
  /** Runs SQL in it, beside whoever else does. */
  run(sql: string): Promise<void>;
  /** Asks it; numbers of 8 bytes come as text. */
  all<T>(sql: string): Promise<T[]>;
  /** Takes away all that is in its tables, as if they had just been made. */
  empty(): Promise<void>;
  drop(): Promise<void>;
}

/** The server's URL, from scripts/vitest-postgres.ts, which starts it when nobody has yet. */
async function serverUrl(): Promise<string> {
  const answer = JSON.parse(await text(connect(Number(process.env["PANAL_POSTGRES_DOOR"]), "127.0.0.1"))) as {
    url?: string;
    error?: string;
  };
  if (answer.url === undefined) throw new Error(answer.error);
  return answer.url;
}

async function runAt(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as unknown[];
  } finally {
    await client.end();
  }
}

/** An empty one. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await serverUrl();
  const name = `test_${randomBytes(8).toString("hex")}`;
  await runAt(server, `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = server.replace("/postgres?", `/${name}?`);
  return {
    url,
    async run(sql) {
      await runAt(url, sql);
    },
    all: async <T>(sql: string) => (await runAt(url, sql)) as T[],
    async empty() {
      await runAt(
        url,
        `DO $$ BEGIN EXECUTE (SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') || ' RESTART IDENTITY'
           FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('panal_schema', 'event_head')); END $$;
         UPDATE event_head SET last_id = 0`,
      );
    },
    async drop() {
      await runAt(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}
