import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type RequestListener, createServer } from "node:http";
import { type AddressInfo, type Socket, createServer as createNetServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createPeerNetwork } from "./peer-network.ts";

const network = createPeerNetwork();
const open: { close(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer({ maxHeaderSize: 64 * 1024 }, listener).listen(0, "127.0.0.1");
  open.push({ close: () => (server.closeAllConnections(), server.close()) });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** A server that says whatever the test wants, HTTP or not. */
async function serveBytes(talk: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createNetServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    talk(socket);
  }).listen(0, "127.0.0.1");
  open.push({
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function get(port: number, { host = "127.0.0.1", signal = AbortSignal.timeout(30_000) } = {}) {
  return network.get(`http://${host}:${port}/.well-known/panal`, { address: "127.0.0.1", signal });
}

test("get() calls the address it is given, under the name of the URL, which nobody looks up", async () => {
  const port = await serve((request, response) => response.end(`${request.headers.host} ${request.url}`));
  expect(await get(port, { host: "peer.invalid" })).toEqual({
    status: 200,
    text: `peer.invalid:${port} /.well-known/panal`,
  });
});

test("get() follows no redirect", async () => {
  let asked = 0;
  const port = await serve((_request, response) => {
    asked++;
    response.writeHead(302, { location: `http://127.0.0.1:${port}/elsewhere` }).end("moved");
  });
  expect(await get(port)).toEqual({ status: 302, text: "moved" });
  expect(asked).toBe(1);
});

test("get() reads no more of a body than a nonce is long, and hangs up", async () => {
  const closed = Promise.withResolvers<void>();
  const port = await serve((_request, response) => {
    response.once("close", closed.resolve);
    const more = () => {
      while (!response.destroyed && response.write("x".repeat(100)));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  });
  await expect(get(port)).rejects.toMatchObject({ code: "too-large" });
  await closed.promise;
});

test("get() reads no head longer than 4 KiB", async () => {
  const port = await serve((_request, response) =>
    response.writeHead(200, { "x-long": "x".repeat(4096) }).end(),
  );
  await expect(get(port)).rejects.toMatchObject({ code: "HPE_HEADER_OVERFLOW" });
});

test("get() gives up on who says nothing, and on who never ends", async () => {
  const stop = new AbortController();
  const silent = await serveBytes(() => stop.abort());
  await expect(get(silent, { signal: stop.signal })).rejects.toMatchObject({ name: "AbortError" });
  const stopLater = new AbortController();
  const endless = await serveBytes((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n\r\nx", () => stopLater.abort());
  });
  await expect(get(endless, { signal: stopLater.signal })).rejects.toThrow();
});

test("get() doesn't read answers before the answer, nor changes to another protocol", async () => {
  const flood = await serveBytes((socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100)));
      if (!socket.destroyed) socket.once("drain", more);
    };
    more();
  });
  await expect(get(flood)).rejects.toMatchObject({ code: "protocol" });
  const upgrade = await serveBytes((socket) =>
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"),
  );
  await expect(get(upgrade)).rejects.toThrow();
});

test("get() fails on what isn't HTTP, and where nobody is", async () => {
  const port = await serveBytes((socket) => socket.end("220 mail.example ESMTP\r\n"));
  await expect(get(port)).rejects.toMatchObject({ code: expect.stringMatching(/^HPE_/) });
  await expect(get(1)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

describe("resolve()", () => {
  const signal = new AbortController().signal;

  /** A name server that knows names, and tells of each question; it is silent about "silent". */
  async function serveNames(names: Record<string, string>) {
    const asked: string[] = [];
    const socket = createSocket("udp4");
    socket.on("message", (question, { port, address }) => {
      const name = nameIn(question);
      asked.push(name);
      if (!name.startsWith("silent")) socket.send(answerTo(question, names[name]), port, address);
    });
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    open.push({ close: () => socket.close() });
    return { asked, network: createPeerNetwork({ dnsServers: [`127.0.0.1:${socket.address().port}`] }) };
  }

  test("asks the name server, once for each kind of address", async () => {
    const { asked, network: dns } = await serveNames({ "peer.example": "203.0.113.7" });
    expect(await dns.resolve("peer.example", { signal })).toEqual(["203.0.113.7"]);
    expect(asked).toEqual(["peer.example", "peer.example"]);
    await expect(dns.resolve("nobody.example", { signal })).rejects.toMatchObject({ code: "not-found" });
  });

  test("stops asking with the signal", async () => {
    const { network: dns } = await serveNames({});
    const stop = new AbortController();
    const asking = dns.resolve("silent.example", { signal: stop.signal });
    stop.abort();
    await expect(asking).rejects.toMatchObject({ code: "not-found" });
  });

  test("asks nobody for what is this machine", async () => {
    const { asked, network: dns } = await serveNames({});
    expect(await dns.resolve("localhost", { signal })).toEqual(["127.0.0.1", "::1"]);
    expect(asked).toEqual([]);
  });
});

/** The name a DNS question is about (RFC 1035, 4.1.2). */
function nameIn(question: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; question[at] !== 0; at += 1 + question[at]!)
    labels.push(question.toString("latin1", at + 1, at + 1 + question[at]!));
  return labels.join(".");
}

/** The question again with one IPv4 address, with none when it was for another kind, or that there is no such name. */
function answerTo(question: Buffer, address: string | undefined): Buffer {
  const end = question.indexOf(0, 12) + 5;
  const isIpv4 = question.readUInt16BE(end - 4) === 1;
  const head = Buffer.from(question.subarray(0, end));
  head.writeUInt16BE(address === undefined ? 0x8183 : 0x8180, 2);
  head.writeUInt16BE(address !== undefined && isIpv4 ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  if (address === undefined || !isIpv4) return head;
  const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split(".").map(Number)];
  return Buffer.concat([head, Buffer.from(record)]);
}
