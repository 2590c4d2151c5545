import { PanalError } from "../errors.ts";
import type { Http1Connection } from "./http1-connection.ts";

/** Open connections nobody uses, by origin: a peer's next run needs no new one. */
export interface IdleConnections {
  /** One that can take a request; it isn't here any more. */
  take(origin: string): Http1Connection | undefined;
  keep(origin: string, connection: Http1Connection): void;
  /** Ends them all, and what comes later. */
  close(): void;
}

export function createIdleConnections({
  idleMs,
  maxIdlePerOrigin,
}: {
  idleMs: number;
  maxIdlePerOrigin: number;
}): IdleConnections {
  const idle = new Map<string, Map<Http1Connection, NodeJS.Timeout>>();
  let isClosed = false;

  function forget(origin: string, connection: Http1Connection): void {
    const kept = idle.get(origin);
    clearTimeout(kept?.get(connection));
    kept?.delete(connection);
    if (kept?.size === 0) idle.delete(origin);
  }

  function end(origin: string, connection: Http1Connection): void {
    forget(origin, connection);
    connection.destroy(new PanalError("unreachable", "not needed any more"));
  }

  return {
    take(origin) {
      for (const connection of idle.get(origin)?.keys() ?? []) {
        forget(origin, connection);
        if (connection.isUsable) return connection;
      }
      return undefined;
    },
    keep(origin, connection) {
      const kept = idle.get(origin) ?? new Map<Http1Connection, NodeJS.Timeout>();
      if (isClosed || kept.size >= maxIdlePerOrigin) return end(origin, connection);
      kept.set(connection, setTimeout(end, idleMs, origin, connection).unref());
      idle.set(origin, kept);
    },
    close() {
      isClosed = true;
      for (const [origin, kept] of idle) for (const connection of kept.keys()) end(origin, connection);
    },
  };
}
