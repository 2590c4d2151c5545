import { type Socket, connect } from "node:net";
import { type HttpAnswer, parseAnswer } from "./http-answer.ts";

/**
 * A kept-alive HTTP/1.1 connection to this machine, for one request at a time. It costs a tenth of what an HTTP client
 * does: the load is to come from a part of one core, and what is measured is the other end.
 */
interface HttpConnection {
  /** When the last answer came, by `performance.now()`. */
  readonly idleSince: number;
  request(bytes: Uint8Array | string): Promise<HttpAnswer>;
  close(): void;
}

function openConnection(port: number): HttpConnection {
  const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let received: Buffer | undefined;
  let waiting: { resolve(answer: HttpAnswer): void; reject(error: Error): void } | undefined;
  let end: Error | undefined;
  let idleSince = performance.now();

  function fail(error: Error): void {
    end ??= error;
    waiting?.reject(end);
    waiting = undefined;
  }
  socket.on("data", (chunk: Buffer) => {
    received = received === undefined ? chunk : Buffer.concat([received, chunk]);
    try {
      const answer = parseAnswer(received);
      if (answer === undefined) return;
      received = undefined;
      idleSince = performance.now();
      waiting?.resolve(answer);
      waiting = undefined;
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the tracker closed a connection")));

  return {
    get idleSince() {
      return idleSince;
    },
    request(bytes) {
      if (end !== undefined) return Promise.reject(end);
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(bytes);
      });
    },
    close: () => socket.destroy(),
  };
}

/** The other end hangs up on those that are idle for a minute. */
const MAX_IDLE_MS = 20_000;

export interface HttpConnections {
  /** Over a connection that is free, or a new one; with all in use, after those that waited before. */
  request(bytes: Uint8Array | string): Promise<HttpAnswer>;
  close(): void;
}

/** As many connections as are needed at the same time, at most `limit`. */
export function openConnections(port: number, limit: number): HttpConnections {
  const all = new Set<HttpConnection>();
  const free: HttpConnection[] = [];
  const line: ((connection: HttpConnection) => void)[] = [];

  function take(): HttpConnection | Promise<HttpConnection> {
    const last = free.pop();
    if (last !== undefined) {
      if (performance.now() - last.idleSince < MAX_IDLE_MS) return last;
      // The others have been idle for longer.
      for (const idle of [last, ...free.splice(0)]) {
        idle.close();
        all.delete(idle);
      }
    }
    if (all.size >= limit) return new Promise((resolve) => line.push(resolve));
    const opened = openConnection(port);
    all.add(opened);
    return opened;
  }

  function giveBack(connection: HttpConnection): void {
    const next = line.shift();
    if (next === undefined) free.push(connection);
    else next(connection);
  }

  return {
    async request(bytes) {
      const connection = await take();
      try {
        return await connection.request(bytes);
      } finally {
        giveBack(connection);
      }
    },
    close() {
      for (const connection of all) connection.close();
    },
  };
}
