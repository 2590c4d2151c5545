import { type Socket, connect } from "node:net";
import { type HttpAnswer, parseAnswer } from "./http-answer.ts";

/**
 * A kept-alive HTTP/1.1 connection to this machine, for one request at a time. It costs a tenth of what an HTTP client
 * does: the load is to come from a part of one core, and what is measured is the other end.
 */
interface HttpConnection {
  request(bytes: Uint8Array | string): Promise<HttpAnswer>;
  close(): void;
}

function openConnection(port: number): HttpConnection {
  const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let received: Buffer | undefined;
  let waiting: { resolve(answer: HttpAnswer): void; reject(error: Error): void } | undefined;
  let end: Error | undefined;

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
      waiting?.resolve(answer);
      waiting = undefined;
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the tracker closed a connection")));

  return {
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

export interface HttpConnections {
  /** Over a connection that is free, or a new one; with all in use, after those that waited before. */
  request(bytes: Uint8Array | string): Promise<HttpAnswer>;
  close(): void;
}

/** As many connections as are needed at the same time, at most `limit`. */
export function openConnections(port: number, limit: number): HttpConnections {
  const all: HttpConnection[] = [];
  const free: HttpConnection[] = [];
  const line: ((connection: HttpConnection) => void)[] = [];

  function take(): HttpConnection | Promise<HttpConnection> {
    const connection = free.pop();
    if (connection !== undefined) return connection;
    if (all.length >= limit) return new Promise((resolve) => line.push(resolve));
    const opened = openConnection(port);
    all.push(opened);
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
