import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectNet } from "node:net";
import { type RateLimit, fileIdLength, parseFileId } from "@panal/sdk";
import { afterEach, describe, expect, it } from "vitest";
import { type TestPeer, startTestPeer } from "../testing/test-peer.ts";

const MIB = 1024 * 1024;
/** Far more than everything on the way holds. */
const SIZE = 16 * MIB;
const SMALL = 64 * 1024;
const CLIENT = "127.0.0.1";

/** A request for a whole file. */
interface Way {
  readonly isHttp2: boolean;
  readonly path: (fileId: string) => string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: (fileId: string) => Buffer;
}

const RPC = "/panal.v1.PeerService/DownloadFile";

function enveloped(message: Uint8Array): Buffer {
  const envelope = Buffer.alloc(5);
  envelope.writeUInt32BE(message.length, 1);
  return Buffer.concat([envelope, message]);
}

const asProto = (fileId: string) => enveloped(Buffer.from([0x0a, fileId.length, ...Buffer.from(fileId)]));
const asJson = (fileId: string) => enveloped(Buffer.from(JSON.stringify({ fileId })));
const rpc = (isHttp2: boolean, type: string, body = asProto): Way => ({
  isHttp2,
  path: () => RPC,
  headers: { "content-type": type },
  body,
});
const door = (isHttp2: boolean): Way => ({
  isHttp2,
  path: (fileId) => `/files/${fileId}/a.bin`,
  headers: {},
});

/** All ways out of a peer; JSON goes the stock way. */
const ways: Record<string, Way> = {
  "Connect, fast": rpc(false, "application/connect+proto"),
  "gRPC-Web, fast": rpc(false, "application/grpc-web+proto"),
  "gRPC, fast": rpc(true, "application/grpc"),
  "Connect over HTTP/2, fast": rpc(true, "application/connect+proto"),
  "Connect, stock": rpc(false, "application/connect+json", asJson),
  "gRPC, stock": rpc(true, "application/grpc+json", asJson),
  "the door": door(false),
  "the door over HTTP/2": door(true),
};

interface Reader {
  /** Settles when the head of the answer is here; nothing more is read until `drain`. */
  readonly begun: Promise<unknown>;
  /** Everything that still comes; "cut" when the connection breaks before the end. */
  drain(): Promise<Buffer | "cut">;
  /** Without a word. */
  vanish(): void;
}

function read(peer: TestPeer, fileId: string, way: Way): Reader {
  const body = way.body?.(fileId);
  return way.isHttp2 ? readHttp2(peer, fileId, way, body) : readHttp1(peer, fileId, way, body);
}

function readHttp1(peer: TestPeer, fileId: string, way: Way, body: Buffer | undefined): Reader {
  const socket = connectNet(peer.port, CLIENT);
  socket.on("error", () => {});
  const head = [
    `${body === undefined ? "GET" : "POST"} ${way.path(fileId)} HTTP/1.1`,
    "host: localhost",
    "connection: close",
    ...Object.entries(way.headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : [`content-length: ${body.length}`]),
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  if (body !== undefined) socket.write(body);
  return {
    begun: once(socket, "readable"),
    drain: () => collect(socket),
    vanish: () => socket.resetAndDestroy(),
  };
}

function readHttp2(peer: TestPeer, fileId: string, way: Way, body: Buffer | undefined): Reader {
  const session = connectHttp2(peer.url);
  session.on("error", () => {});
  const method = body === undefined ? "GET" : "POST";
  const stream = session.request({ ":method": method, ":path": way.path(fileId), ...way.headers });
  stream.on("error", () => {});
  stream.end(body);
  return {
    begun: once(stream, "response"),
    drain: () => collect(stream).finally(() => session.close()),
    vanish: () => session.destroy(),
  };
}

function collect(stream: NodeJS.ReadableStream): Promise<Buffer | "cut"> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => resolve(Buffer.concat(chunks)));
    stream.on("close", () => resolve("cut"));
  });
}

let peer: TestPeer;
afterEach(() => peer.close());

async function start(
  options?: Parameters<typeof startTestPeer>[1],
): Promise<{ large: string; small: string }> {
  peer = await startTestPeer({ "a.bin": new Uint8Array(SIZE), "b.bin": new Uint8Array(SMALL) }, options);
  const idOf = (size: number) =>
    [...peer.library.all()].find(({ fileId }) => fileIdLength(parseFileId(fileId)) === size)!.fileId;
  return { large: idOf(SIZE), small: idOf(SMALL) };
}

const held = () => ({ places: peer.places.active, files: peer.openFiles.size, blocks: peer.pool.taken });
const NOTHING = { places: 0, files: 0, blocks: 0 };
/** The server learns of it in its own time. */
const settles = { timeout: 60_000 };

describe.each(Object.entries(ways))("%s", (name, way) => {
  const isStock = name.includes("stock");

  it("holds one block for a reader that stops, and nothing once it has vanished", async () => {
    const { large } = await start();
    const reader = read(peer, large, way);
    await reader.begun;
    // The stock way has buffers of its own.
    const stopped = { places: 1, files: 1, blocks: isStock ? 0 : 1 };
    await expect.poll(held, settles).toEqual(stopped);
    reader.vanish();
    await expect.poll(held, settles).toEqual(NOTHING);
  });

  it("sends all of it to a reader that goes on after a while, and holds nothing afterwards", async () => {
    const { large } = await start();
    const reader = read(peer, large, way);
    await reader.begun;
    await expect.poll(() => peer.pool.taken, settles).toBeLessThanOrEqual(1);
    expect((await reader.drain()).length).toBeGreaterThanOrEqual(SIZE);
    await expect.poll(held, settles).toEqual(NOTHING);
  });

  it("gives the place of a client that has several to another one", async () => {
    const { large } = await start({ maxClients: 2 });
    const readers = [read(peer, large, way), read(peer, large, way)];
    await expect.poll(() => peer.places.active, settles).toBe(2);
    const place = peer.places.acquire("somebody else", () => {});
    expect(peer.places.active).toBe(2);
    // The answer ends without the rest, in whatever way it can.
    const ends = await Promise.all(readers.map((reader) => reader.drain()));
    expect(ends.filter((end) => end !== "cut" && end.length >= SIZE)).toHaveLength(1);
    await expect.poll(held, settles).toEqual({ places: 1, files: 0, blocks: 0 });
    place.release();
    expect(peer.places.active).toBe(0);
  });

  it("takes every byte from the limit, in small parts, in the client's name", async () => {
    const taken: { bytes: number; caller: string | undefined }[] = [];
    const uploadLimit: RateLimit = {
      quantumBytes: 10_000,
      async take(bytes, { caller } = {}) {
        taken.push({ bytes, caller });
      },
    };
    const { small } = await start({ uploadLimit });
    await read(peer, small, way).drain();
    expect(taken.reduce((total, { bytes }) => total + bytes, 0)).toBe(SMALL);
    expect(Math.max(...taken.map(({ bytes }) => bytes))).toBe(10_000);
    expect(new Set(taken.map(({ caller }) => caller))).toEqual(new Set([CLIENT]));
  });

  it("holds nothing for a reader that vanished while it waited for the limit", async () => {
    const asked = Promise.withResolvers<void>();
    const uploadLimit: RateLimit = {
      quantumBytes: 10_000,
      take: (_bytes, { signal } = {}) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(new Error("gone")), { once: true });
          asked.resolve();
        }),
    };
    const { small } = await start({ uploadLimit });
    const reader = read(peer, small, way);
    await asked.promise;
    reader.vanish();
    await expect.poll(held, settles).toEqual(NOTHING);
  });
});

it("many small ranges are served while a huge file is taken slowly", async () => {
  const { large } = await start();
  const huge = read(peer, large, door(false));
  await huge.begun;
  const ranges = Array.from({ length: 100 }, (_, index) => {
    const from = index * SMALL;
    const way = { ...door(false), headers: { range: `bytes=${from}-${from + SMALL - 1}` } };
    return read(peer, large, way).drain();
  });
  for (const answer of await Promise.all(ranges)) expect(answer.length).toBeGreaterThan(SMALL);
  await expect.poll(() => peer.places.active, settles).toBe(1);
  // It was being sent all the time, and still is.
  expect((await huge.drain()).length).toBeGreaterThanOrEqual(SIZE);
});
