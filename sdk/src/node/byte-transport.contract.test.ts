import { once } from "node:events";
import { type AddressInfo, type Server, type Socket, createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BodyReader, ByteRequest } from "../rpc/byte-transport.ts";
import { nodeByteTransport } from "./byte-transport.ts";

/** What a connection is answered with, request by request; it is closed after the last one. */
type Script = readonly string[];

let server: Server;
let url: string;
let scripts: Script[];
let sockets: Socket[];
/** Requests as they came, each connection by itself. */
let seen: string[][];

beforeEach(async () => {
  [scripts, sockets, seen] = [[], [], []];
  server = createServer((socket) => {
    const script = [...(scripts.shift() ?? [])];
    const requests: string[] = [];
    sockets.push(socket);
    seen.push(requests);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      requests.push(String(chunk));
      const answer = script.shift();
      if (answer === undefined) socket.destroy();
      else if (script.length === 0) socket.end(answer);
      else socket.write(answer);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/path?q=1`;
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, "close");
});

function request(more: Partial<ByteRequest> = {}): ByteRequest {
  return { url, method: "GET", headers: { "x-one": "1" }, signal: new AbortController().signal, ...more };
}

/** Receives into memory of its own where it may, and keeps everything. */
function createKeeper(onBytes: () => void = () => {}, enoughBytes = Infinity) {
  const memory = new Uint8Array(1024 * 1024);
  let filled = 0;
  let hasEnded = false;
  const reader: BodyReader = {
    direct: () => memory.subarray(filled),
    filled(bytes) {
      filled += bytes;
      onBytes();
    },
    take(chunk) {
      memory.set(chunk, filled);
      filled += chunk.length;
      onBytes();
      return chunk.length;
    },
    whenRoom: async () => {},
    get isDone() {
      return filled >= enoughBytes;
    },
    end: () => void (hasEnded = true),
  };
  return {
    reader,
    text: () => Buffer.from(memory.subarray(0, filled)).toString(),
    hasEnded: () => hasEnded,
  };
}

async function get(more: Partial<ByteRequest> = {}): Promise<string> {
  const response = await nodeByteTransport(request(more));
  const keeper = createKeeper();
  await response.read(keeper.reader);
  expect(keeper.hasEnded()).toBe(true);
  return keeper.text();
}

const answerOf = (body: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
const ENDLESS = "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nbeginning";

describe("nodeByteTransport()", () => {
  it("sends method, path, headers and body", async () => {
    scripts = [[answerOf("ok")]];
    const body = new TextEncoder().encode("the body");
    expect(await get({ method: "POST", body })).toBe("ok");
    const host = new URL(url).host;
    expect(seen[0]).toEqual([
      `POST /path?q=1 HTTP/1.1\r\nhost: ${host}\r\nx-one: 1\r\ncontent-length: 8\r\n\r\nthe body`,
    ]);
  });

  it.each([
    ["as it was read", new TextEncoder().encode("the data")],
    ["to be read yet", new Blob(["the data"])],
  ])("sends file data %s behind the body, and says how long both are", async (_how, fileData) => {
    scripts = [[answerOf("ok")]];
    const body = new TextEncoder().encode("the body, ");
    expect(await get({ method: "POST", body, fileData })).toBe("ok");
    expect(seen[0]!.join("")).toMatch(/\r\ncontent-length: 18\r\n\r\nthe body, the data$/);
  });

  it("uses a connection again, and no more than it needs", async () => {
    scripts = [[answerOf("1"), answerOf("2"), answerOf("3"), ""]];
    for (const body of ["1", "2", "3"]) expect(await get()).toBe(body);
    expect(sockets).toHaveLength(1);
  });

  it("opens another one when the other side has closed it meanwhile", async () => {
    scripts = [[answerOf("1")], [answerOf("2")]];
    expect([await get(), await get()]).toEqual(["1", "2"]);
    expect(sockets).toHaveLength(2);
  });

  it("receives a large body into the reader's memory", async () => {
    const body = "0123456789".repeat(60_000);
    scripts = [[answerOf(body)]];
    expect(await get()).toBe(body);
  });

  it("gives a status that isn't 200 and headers, and follows no redirect", async () => {
    scripts = [["HTTP/1.1 302 Found\r\nlocation: /else\r\ncontent-length: 0\r\n\r\n", ""]];
    const response = await nodeByteTransport(request());
    expect([response.status, response.header("location")]).toEqual([302, "/else"]);
    await response.cancel();
    expect(sockets).toHaveLength(1);
  });

  it("ends the connection when nothing more is wanted, and when it is cancelled unread", async () => {
    scripts = [
      [ENDLESS, ""],
      [ENDLESS, ""],
    ];
    const first = await nodeByteTransport(request());
    const keeper = createKeeper(undefined, 1);
    await first.read(keeper.reader);
    expect(keeper.hasEnded()).toBe(false);
    const second = await nodeByteTransport(request());
    await second.cancel();
    await Promise.all(sockets.map(async (socket) => socket.destroyed || once(socket, "close")));
  });

  it("says aborted, before and while the body comes", async () => {
    scripts = [[ENDLESS, ""]];
    await expect(nodeByteTransport(request({ signal: AbortSignal.abort() }))).rejects.toMatchObject({
      code: "aborted",
    });
    const controller = new AbortController();
    const response = await nodeByteTransport(request({ signal: controller.signal }));
    const keeper = createKeeper(() => controller.abort());
    await expect(response.read(keeper.reader)).rejects.toMatchObject({ code: "aborted" });
  });

  it("says unreachable, with the host, when nobody listens and when the body breaks off", async () => {
    const { host } = new URL(url);
    scripts = [[ENDLESS]];
    const response = await nodeByteTransport(request());
    await expect(response.read(createKeeper().reader)).rejects.toMatchObject({
      code: "unreachable",
      message: `${host}: the connection broke`,
    });
    await expect(nodeByteTransport(request({ url: "http://127.0.0.1:1/" }))).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringMatching(/^127\.0\.0\.1:1: /),
    });
  });

  it("says protocol for what is no answer", async () => {
    scripts = [["220 mail.example ESMTP\r\n"]];
    await expect(nodeByteTransport(request())).rejects.toMatchObject({ code: "protocol" });
  });

  it("passes on what the reader throws, and ends the connection", async () => {
    scripts = [[ENDLESS, ""]];
    const response = await nodeByteTransport(request());
    const keeper = createKeeper(() => {
      throw new Error("enough");
    });
    await expect(response.read(keeper.reader)).rejects.toThrow("enough");
    await Promise.all(sockets.map(async (socket) => socket.destroyed || once(socket, "close")));
  });
});
