import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Socket, connect } from "node:net";
import { type Listening, listen } from "@panal/sdk/node";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { placedBody } from "../uploads/placed-body.ts";
import { takeUploadConnection } from "./upload-connection.ts";

const PUT = "/panal.v1.PeerService/PutPiece";
const COMMIT = "/panal.v1.PeerService/CommitUpload";
const PROTO = "content-type: application/proto";
/** More than is received before it is known where it belongs, and not a multiple of anything. */
const LONG_BYTES = 300_001;

/** What came: over which way, and how it ended. */
interface Seen {
  readonly path: string;
  readonly way: "placed" | "read";
  readonly outcome: Promise<Buffer>;
}

let seen: Seen[];
let taken: (isTaken: boolean) => void;
let server: Listening;
/** Refuses what it says so of before anything of the body has come; else what came is sent back. */
let refuses: (request: IncomingMessage) => boolean;
/** Settles when answers may go out. */
let mayAnswer: Promise<void>;
const sockets: Socket[] = [];

function handler(request: IncomingMessage, response: ServerResponse): void {
  if (refuses(request)) {
    response.once("finish", () => request.resume());
    return void response.writeHead(401, { "content-length": 0 }).end();
  }
  const length = Number(request.headers["content-length"] ?? 0);
  const receive = placedBody(request);
  const memory = Buffer.alloc(length);
  const outcome = receive === undefined ? readBody(request) : receive(memory).then(() => memory);
  seen.push({ path: request.url ?? "", way: receive === undefined ? "read" : "placed", outcome });
  void Promise.all([outcome, mayAnswer]).then(
    ([body]) => response.writeHead(200, { "content-length": body.length }).end(body),
    () => {},
  );
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

beforeEach(async () => {
  seen = [];
  taken = () => {};
  refuses = () => false;
  mayAnswer = Promise.resolve();
  server = await listen({
    host: "127.0.0.1",
    port: 0,
    handler,
    takeConnection(socket, stock) {
      const isTaken = takeUploadConnection(socket, stock);
      taken(isTaken);
      return isTaken;
    },
  });
});
afterEach(async () => {
  vi.useRealTimers();
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close(0);
});

function open(): Socket {
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => {});
  sockets.push(socket);
  return socket;
}

function post(path: string, body: Uint8Array, ...headers: string[]): Buffer {
  const lines = [`POST ${path} HTTP/1.1`, "host: x", `content-length: ${body.length}`, ...headers, "\r\n"];
  return Buffer.concat([Buffer.from(lines.join("\r\n")), body]);
}

/** Reads answers off a connection, one after the other. */
function answersOf(socket: Socket): () => Promise<{ status: number; body: Buffer }> {
  let received = Buffer.alloc(0);
  let wake = () => {};
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  return async () => {
    for (;;) {
      const end = received.indexOf("\r\n\r\n");
      const head = end < 0 ? "" : received.toString("latin1", 0, end);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (end >= 0 && received.length >= end + 4 + length) {
        const body = received.subarray(end + 4, end + 4 + length);
        received = received.subarray(end + 4 + length);
        return { status: Number(head.slice(9, 12)), body };
      }
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
}

const waysSeen = () => seen.map(({ way }) => way);

it("receives file data in its place, however it is cut, and short calls between", async () => {
  const socket = open();
  const nextAnswer = answersOf(socket);
  const bodies = [randomBytes(LONG_BYTES), randomBytes(20), randomBytes(100_000)];
  const bytes = Buffer.concat([
    post(PUT, bodies[0]!, PROTO),
    post(COMMIT, bodies[1]!, "content-type: application/json"),
    post(PUT, bodies[2]!, PROTO),
  ]);
  let at = 0;
  for (const step of [1, 3, 60, 100, 65_536, 200_000, 34_400, 77, bytes.length]) {
    // The next part is only sent once this one was taken by the system.
    await new Promise<void>((resolve) => socket.write(bytes.subarray(at, at + step), () => resolve()));
    at += step;
  }
  for (const body of bodies) {
    const answer = await nextAnswer();
    expect([answer.status, answer.body.equals(body)]).toEqual([200, true]);
  }
  expect(waysSeen()).toEqual(["placed", "read", "placed"]);
});

it("holds what comes ahead of its turn where it is, and answers in order", async () => {
  const holding = Promise.withResolvers<void>();
  mayAnswer = holding.promise;
  const socket = open();
  const nextAnswer = answersOf(socket);
  const bodies = Array.from({ length: 4 }, () => randomBytes(LONG_BYTES));
  for (const body of bodies) socket.write(post(PUT, body, PROTO));
  await expect.poll(() => seen.length).toBe(1);
  await seen[0]!.outcome;
  holding.resolve();
  for (const body of bodies) expect((await nextAnswer()).body.equals(body)).toBe(true);
  expect(waysSeen()).toEqual(["placed", "placed", "placed", "placed"]);
});

it.each([
  [
    "a body in chunks",
    "POST /x HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "abc",
  ],
  ["another path", "POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc", "abc"],
  ["another method", "GET /x HTTP/1.1\r\nhost: x\r\n\r\n", ""],
  [
    "file data of another type",
    `POST ${PUT} HTTP/1.1\r\nhost: x\r\ncontent-length: 70000\r\n\r\n${"a".repeat(70_000)}`,
    "a".repeat(70_000),
  ],
])("leaves the connection to Node's server with the first request of %s", async (_, text, body) => {
  const socket = open();
  const nextAnswer = answersOf(socket);
  const part = randomBytes(LONG_BYTES);
  // All at once: what stands behind the other request goes with it.
  socket.write(Buffer.concat([post(PUT, part, PROTO), Buffer.from(text), post(PUT, part, PROTO)]));
  expect((await nextAnswer()).body.equals(part)).toBe(true);
  expect((await nextAnswer()).body.toString()).toBe(body);
  expect((await nextAnswer()).body.equals(part)).toBe(true);
  expect(waysSeen()).toEqual(["placed", "read", "read"]);
});

it("leaves a connection that begins otherwise as it is", async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  taken = resolve;
  const socket = open();
  const nextAnswer = answersOf(socket);
  socket.write(
    Buffer.concat([
      post("/panal.v1.PeerService/GetPeer", Buffer.alloc(0)),
      post(PUT, Buffer.from("a"), PROTO),
    ]),
  );
  expect((await nextAnswer()).status).toBe(200);
  expect((await nextAnswer()).body.toString()).toBe("a");
  expect([await promise, ...waysSeen()]).toEqual([false, "read", "read"]);
});

it("answers before the body has come, throws that away, and takes the next request", async () => {
  refuses = (request) => request.headers["panal-upload-code"] === "wrong";
  const socket = open();
  const nextAnswer = answersOf(socket);
  const body = randomBytes(LONG_BYTES);
  const refused = post(PUT, body, PROTO, "panal-upload-code: wrong");
  socket.write(refused.subarray(0, 1000));
  expect((await nextAnswer()).status).toBe(401);
  socket.write(Buffer.concat([refused.subarray(1000), post(PUT, body, PROTO)]));
  expect((await nextAnswer()).body.equals(body)).toBe(true);
  expect(waysSeen()).toEqual(["placed"]);
});

it("tells whoever receives that the client has gone", async () => {
  const socket = open();
  socket.write(post(PUT, randomBytes(LONG_BYTES), PROTO).subarray(0, 200_000));
  await expect.poll(() => seen.length).toBe(1);
  const outcome = seen[0]!.outcome.catch((error: unknown) => error);
  socket.destroy();
  expect(await outcome).toMatchObject({ code: "aborted" });
});

it("ends with its server, also while nothing is asked", async () => {
  const socket = open();
  const nextAnswer = answersOf(socket);
  socket.write(post(PUT, Buffer.from("a"), PROTO));
  await nextAnswer();
  const ended = once(socket, "close");
  await server.close(0);
  await ended;
});

it.each([
  ["a head that doesn't end", `POST ${PUT} HTTP/1.1\r\nhost: x\r\n`, 15_000],
  ["nothing more", post(PUT, Buffer.from("a"), PROTO), 30_000],
])("cuts a connection that brings %s in time", async (_, bytes, timeMs) => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  taken = resolve;
  const socket = open();
  const closed = once(socket, "close");
  const nextAnswer = answersOf(socket);
  socket.write(bytes);
  expect(await promise).toBe(true);
  if (timeMs === 30_000) await nextAnswer();
  // The server hears a moment later than we that its answer is out.
  await vi.waitUntil(() => vi.getTimerCount() > 0, { timeout: 10_000 });
  vi.advanceTimersByTime(timeMs - 1);
  expect(socket.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  await closed;
});
