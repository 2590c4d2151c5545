import { setTimeout } from "node:timers/promises";
import { PanalError } from "@panal/sdk";
import pg from "pg";
import { isCollision, isConnectionLost, storeError, unusable } from "./postgres-errors.ts";

/** A server takes about a hundred, all replicas together; a query takes milliseconds. */
const MAX_CONNECTIONS = 10;
/** For a connection, a free one included. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Nothing a request asks for takes this long, or it isn't worth it. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** Of a server that doesn't even say that it took too long. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;
/** A replica that hangs in the middle of a change must not hold up the others. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 20_000;
/** How often a change is tried when others change the same. */
const MAX_TRIES = 6;
const MAX_PAUSE_MS = 40;

export type PostgresParam = string | number | boolean | Uint8Array | null | readonly PostgresParam[];

/** Runs SQL; parameters are `$1` and so on. Each query says in its type what it selects. */
export interface Queries {
  all<T>(sql: string, params?: readonly PostgresParam[]): Promise<T[]>;
  get<T>(sql: string, params?: readonly PostgresParam[]): Promise<T | undefined>;
  /** Gives the number of rows changed. */
  run(sql: string, params?: readonly PostgresParam[]): Promise<number>;
  /** All of what `work` does, or nothing; it is called again when others changed the same. Part of the one that is under way. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
}

/** Connections to one server. */
export interface PostgresDatabase extends Queries {
  /** A connection of its own, to listen with; told when it is lost. */
  listen(channel: string, listener: { notified(): void; lost(): void }): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  /** May hold a password: for pg's eyes only. */
  readonly url: string;
  /** What is to be done before anything else, in a transaction; tried again whenever it failed. */
  prepare(queries: Queries): Promise<void>;
  /** Told when the server goes away, and when it is back. */
  note(state: { isThere: boolean; error?: unknown }): void;
}

/** Sizes and times are 8 bytes there; all of ours are exact as numbers. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);

/** A text can't hold NUL there. Nothing that is stored has one, so nothing is found by it, either. */
function toParam(value: PostgresParam): unknown {
  if (typeof value === "string") return value.includes("\0") ? value.replaceAll("\0", "\ufffd") : value;
  if (value instanceof Uint8Array) return Buffer.from(value);
  return Array.isArray(value) ? value.map(toParam) : value;
}

/** Opens no connection yet. Throws "invalid" for an address that is none, without repeating it. */
export function connectPostgres({ url, prepare, note }: ConnectionOptions): PostgresDatabase {
  const config = {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    application_name: "panal-tracker",
    keepAlive: true,
    types,
  };
  checkUrl(url);
  const pool = new pg.Pool({
    ...config,
    max: MAX_CONNECTIONS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  });
  let isThere = true;
  let preparing: Promise<void> | undefined;
  // A connection that nobody uses was lost: the next query shows whether there is another.
  pool.on("error", () => {});

  function noteFailure(error: unknown): unknown {
    if (isConnectionLost(error) && isThere) {
      isThere = false;
      // What comes back may be another server, or an older copy.
      preparing = undefined;
      note({ isThere, error });
    }
    return storeError(error);
  }
  function noteSuccess(): void {
    if (isThere) return;
    isThere = true;
    note({ isThere });
  }

  async function onConnection<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    let client: pg.PoolClient | undefined;
    const ignore = () => {};
    try {
      client = await pool.connect();
      // While it is in use, its errors come with the query, too.
      client.on("error", ignore);
      const result = await work(client);
      noteSuccess();
      client.off("error", ignore);
      client.release();
      return result;
    } catch (error) {
      client?.off("error", ignore);
      client?.release(isConnectionLost(error));
      throw error;
    }
  }

  async function tryTransaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return onConnection(async (client) => {
      await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
      try {
        const result = await work(queriesOf(client));
        await client.query("COMMIT");
        return result;
      } catch (error) {
        // Fails only when the connection is lost, and with it the transaction.
        await client.query("ROLLBACK").catch(() => {});
        throw error;
      }
    });
  }

  async function transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await tryTransaction(work);
      } catch (error) {
        if (!isCollision(error) || tries === MAX_TRIES) throw noteFailure(error);
        await setTimeout(Math.random() * MAX_PAUSE_MS * tries);
      }
    }
  }

  /** Once; again only when it failed. */
  function prepared(): Promise<void> {
    preparing ??= transaction(prepare).catch((error: unknown) => {
      preparing = undefined;
      const isForOperator = error instanceof PanalError && error.code !== "busy";
      throw isForOperator ? unusable(error) : error;
    });
    return preparing;
  }

  async function query<T>(sql: string, params: readonly PostgresParam[] = []) {
    await prepared();
    try {
      return await onConnection((client) => queryOn<T>(client, sql, params));
    } catch (error) {
      throw noteFailure(error);
    }
  }

  return {
    all: async <T>(sql: string, params?: readonly PostgresParam[]) => (await query<T>(sql, params)).rows,
    get: async <T>(sql: string, params?: readonly PostgresParam[]) => (await query<T>(sql, params)).rows[0],
    run: async (sql, params) => (await query(sql, params)).rowCount,
    async transaction(work) {
      await prepared();
      return transaction(work);
    },
    async listen(channel, { notified, lost }) {
      await prepared();
      const client = new pg.Client(config);
      // Also after it ended.
      client.on("error", () => {});
      client.on("notification", notified);
      try {
        await client.connect();
        await client.query(`LISTEN ${channel}`);
      } catch (error) {
        await client.end().catch(() => {});
        throw noteFailure(error);
      }
      client.once("end", lost);
      return async () => {
        client.off("end", lost);
        await client.end().catch(() => {});
      };
    },
    async close() {
      await pool.end();
    },
  };
}

async function queryOn<T>(client: pg.ClientBase, sql: string, params: readonly PostgresParam[]) {
  const { rows, rowCount } = await client.query(sql, params.map(toParam));
  return { rows: rows as T[], rowCount: rowCount ?? 0 };
}

function queriesOf(client: pg.ClientBase): Queries {
  const queries: Queries = {
    all: async <T>(sql: string, params: readonly PostgresParam[] = []) =>
      (await queryOn<T>(client, sql, params)).rows,
    get: async <T>(sql: string, params: readonly PostgresParam[] = []) =>
      (await queryOn<T>(client, sql, params)).rows[0],
    run: async (sql, params = []) => (await queryOn(client, sql, params)).rowCount,
    transaction: (work) => work(queries),
  };
  return queries;
}

/** pg takes addresses apart only when it connects, and its complaints might repeat them. */
function checkUrl(url: string): void {
  try {
    return void new pg.Client({ connectionString: url });
  } catch {
    throw new PanalError(
      "invalid",
      "--store: not an address PostgreSQL knows (it isn't shown, since it may hold a password)",
    );
  }
}
