import { once } from "node:events";
import { type IncomingMessage, type RequestListener, type ServerResponse, request } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import { APP_ORIGIN, PEER_ID, type TestGateway, startTestGateway } from "../testing/test-gateway.ts";

const CALL = `/via/${PEER_ID}/panal.v1.PeerService/GetPeer`;
const DOWNLOAD = `/via/${PEER_ID}/panal.v1.PeerService/DownloadFile`;
const FILE = `/via/${PEER_ID}/files/${"0".repeat(64)}-5/honey.bin`;

let gateway: TestGateway | undefined;
afterEach(() => gateway?.close());

async function start(peer: RequestListener): Promise<TestGateway> {
  gateway = await startTestGateway(peer);
  return gateway;
}

function answering(status: number, headers: Record<string, string | string[]>, body = ""): RequestListener {
  return (_request, response) => response.writeHead(status, headers).end(body);
}

describe("what is passed on", () => {
  test("a file comes as it is, under headers that make it nothing but a file", async () => {
    let asked: IncomingMessage | undefined;
    const { url, passed, passedBytes } = await start((request, response) => {
      asked = request;
      response.writeHead(206, {
        "content-type": "text/html",
        "content-range": "bytes 0-4/5",
        "set-cookie": ["a=b", "c=d"],
        "service-worker-allowed": "/",
        "clear-site-data": '"*"',
      });
      response.end("honey");
    });
    const answer = await fetch(url + FILE, {
      headers: { range: "bytes=0-4", authorization: "Bearer secret", cookie: "a=b" },
    });
    expect([answer.status, await answer.text()]).toEqual([206, "honey"]);
    expect(answer.headers.get("content-type")).toBe("application/octet-stream");
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="honey.bin"');
    expect(answer.headers.get("content-security-policy")).toMatch(/sandbox$/);
    for (const header of ["set-cookie", "service-worker-allowed", "clear-site-data"])
      expect(answer.headers.get(header)).toBeNull();
    expect(asked?.url).toBe(FILE.slice(`/via/${PEER_ID}`.length));
    expect(asked?.headers).toMatchObject({ range: "bytes=0-4" });
    expect(asked?.headers.host).toMatch(/^peer\.invalid:/);
    for (const header of ["authorization", "cookie", "origin", "x-forwarded-for"])
      expect(asked?.headers).not.toHaveProperty(header);
    expect(passed).toEqual([{ route: "gateway", kind: "files", status: 206 }]);
    expect(passedBytes).toEqual({ up: 0, down: 5 });
  });

  test("bytes go on as they come, in both directions", async () => {
    const atPeer = Promise.withResolvers<{ request: IncomingMessage; response: ServerResponse }>();
    const { port, passedBytes } = await start((request, response) => atPeer.resolve({ request, response }));
    const call = request({
      port,
      host: "127.0.0.1",
      path: CALL,
      method: "POST",
      headers: { "content-type": "application/connect+proto" },
    });
    call.write("first");
    const { request: received, response } = await atPeer.promise;
    const [first] = (await once(received, "data")) as [Buffer];
    expect(String(first)).toBe("first");
    response.writeHead(200, { "content-type": "application/connect+proto" });
    response.write("begun");
    const [answer] = (await once(call, "response")) as [IncomingMessage];
    const [begun] = (await once(answer, "data")) as [Buffer];
    expect(String(begun)).toBe("begun");
    call.end("last");
    const [last] = (await once(received, "data")) as [Buffer];
    expect(String(last)).toBe("last");
    response.end("done");
    expect(await text(answer)).toBe("done");
    expect(passedBytes).toEqual({ up: 9, down: 9 });
  });

  test("a download is asked for as it came, over a connection that is kept, and comes as it is sent", async () => {
    const asked: { request: IncomingMessage; body: string; port: number | undefined }[] = [];
    const answers: ServerResponse[] = [];
    const { url, passedBytes } = await start((request, response) => {
      void text(request).then((body) => {
        asked.push({ request, body, port: request.socket.remotePort });
        answers.push(response);
        response.writeHead(200, { "content-type": "application/connect+proto" }).write("begun");
      });
    });
    for (const body of ["first", "second"]) {
      const answer = await fetch(url + DOWNLOAD, {
        method: "POST",
        headers: { "content-type": "application/connect+proto", cookie: "a=b" },
        body,
      });
      const reader = answer.body!.getReader();
      expect(Buffer.from((await reader.read()).value!).toString()).toBe("begun");
      answers.pop()!.end("done");
      expect(Buffer.from((await reader.read()).value!).toString()).toBe("done");
      expect((await reader.read()).done).toBe(true);
    }
    expect(asked.map(({ body }) => body)).toEqual(["first", "second"]);
    expect(asked[1]!.port).toBe(asked[0]!.port);
    expect(asked[0]!.request.headers).toMatchObject({
      "content-length": "5",
      "content-type": "application/connect+proto",
      host: expect.stringMatching(/^peer\.invalid:/),
    });
    expect(asked[0]!.request.headers).not.toHaveProperty("cookie");
    expect(passedBytes).toEqual({ up: 11, down: 18 });
  });

  test("what comes in chunks is as long as those are, whatever the peer says besides", async () => {
    const { url } = await start(({ socket }) => {
      socket.end(
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhoney\r\n0\r\n\r\n",
      );
    });
    const answer = await fetch(url + FILE);
    expect(answer.headers.get("content-length")).toBeNull();
    expect(await answer.text()).toBe("honey");
  });

  test("a client that leaves ends what the peer sends", async () => {
    const closed = Promise.withResolvers<void>();
    const { port } = await start((_request, response) => {
      response.once("close", () => closed.resolve());
      response.writeHead(200).write("endless");
    });
    const call = request({ port, host: "127.0.0.1", path: FILE });
    call.on("error", () => {});
    call.end();
    const [answer] = (await once(call, "response")) as [IncomingMessage];
    await once(answer, "data");
    call.destroy();
    await closed.promise;
  });

  test("a client that breaks off its body, or promised more of it, doesn't look done to the peer", async () => {
    const broken = Promise.withResolvers<unknown>();
    const { port } = await start((request) => {
      request.on("data", () => {});
      request.once("end", () => broken.resolve("ended"));
      request.once("error", broken.resolve);
    });
    const call = request({
      port,
      host: "127.0.0.1",
      path: CALL,
      method: "POST",
      headers: { "content-type": "application/proto", "content-length": "1000" },
    });
    call.on("error", () => {});
    call.write("far less", () => call.destroy());
    expect(await broken.promise).toMatchObject({ code: "ECONNRESET" });
  });

  test("a peer that sends less than it said, or breaks off, doesn't look done to the client", async () => {
    const { url } = await start((_request, response) => {
      response.writeHead(200, { "content-length": "10" });
      response.write("less", () => response.destroy());
    });
    await expect(fetch(url + FILE).then((answer) => answer.text())).rejects.toThrow();
  });

  test("an answer before the end of a body is one", async () => {
    const { url } = await start(answering(413, { "content-type": "application/json" }, "{}"));
    const answer = await fetch(url + CALL, {
      method: "POST",
      headers: { "content-type": "application/proto" },
      body: new Uint8Array(3_000_000),
    });
    expect([answer.status, await answer.text()]).toEqual([413, "{}"]);
  });
});

describe("gRPC over HTTP/2", () => {
  async function callGrpc(port: number, headers: Record<string, string>) {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const stream = session.request({
      ":method": "POST",
      ":path": "/panal.v1.PeerService/GetPeer",
      "content-type": "application/grpc+proto",
      te: "trailers",
      ...headers,
    });
    let trailers: Record<string, unknown> = {};
    stream.once("trailers", (received) => (trailers = received));
    stream.end("asked");
    const [head] = (await once(stream, "response")) as [Record<string, unknown>];
    const body = await text(stream);
    session.close();
    return { head, body, trailers };
  }

  test("is asked of the peer as gRPC-Web, and its trailers are trailers again", async () => {
    let asked: IncomingMessage | undefined;
    const { port } = await start((request, response) => {
      asked = request;
      response.writeHead(200, { "content-type": "application/grpc-web+proto" });
      response.end(Buffer.from("\0\0\0\0\u0005honey\u0080\0\0\0\u000fgrpc-status:0\r\n", "latin1"));
    });
    const { head, body, trailers } = await callGrpc(port, { "panal-peer": PEER_ID });
    expect(asked?.headers).toMatchObject({ "content-type": "application/grpc-web+proto", "x-grpc-web": "1" });
    expect(asked?.headers).not.toHaveProperty("panal-peer");
    expect(head).toMatchObject({ ":status": 200, "content-type": "application/grpc+proto" });
    expect(body).toBe("\0\0\0\0\u0005honey");
    expect(trailers["grpc-status"]).toBe("0");
  });

  test.each([
    { what: "without a peer", headers: {}, status: "12" },
    { what: "for a peer that isn't there", headers: { "panal-peer": "nobody-at-all" }, status: "14" },
  ])("$what ends with a status of gRPC's", async ({ headers, status }) => {
    const { port } = await start(answering(200, {}));
    const { head } = await callGrpc(port, headers as Record<string, string>);
    expect(head).toMatchObject({ ":status": 200, "content-type": "application/grpc", "grpc-status": status });
  });

  test("a peer that answers in another way is unavailable", async () => {
    const { port } = await start(answering(200, { "content-type": "application/proto" }));
    expect((await callGrpc(port, { "panal-peer": PEER_ID })).head["grpc-status"]).toBe("14");
  });
});

describe("what is refused", () => {
  async function statusOf(peer: RequestListener, path: string, init: RequestInit = {}): Promise<number> {
    const { url } = await start(peer);
    const answer = await fetch(url + path, { redirect: "manual", ...init });
    await answer.text();
    return answer.status;
  }
  const post = { method: "POST", headers: { "content-type": "application/proto" } };

  test("a redirect of the peer's", async () => {
    let asked = 0;
    const status = await statusOf((_request, response) => {
      asked++;
      response.writeHead(302, { location: "http://127.0.0.1/" }).end();
    }, FILE);
    expect([status, asked]).toEqual([502, 1]);
  });

  test.each([
    { what: "a peer that hangs up", peer: (request: IncomingMessage) => void request.socket.destroy() },
    {
      what: "a peer that wants to speak something else",
      peer: (request: IncomingMessage) =>
        void request.socket.end(
          "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        ),
    },
    {
      what: "a page in place of an answer",
      peer: answering(200, { "content-type": "text/html" }, "<script>"),
    },
  ])("$what", async ({ peer }) => {
    expect(await statusOf(peer, CALL, post)).toBe(502);
  });

  test("a peer that isn't there, and methods that lead nowhere", async () => {
    const peer = answering(200, {});
    expect(await statusOf(peer, CALL.replace(PEER_ID, "nobody-at-all"), post)).toBe(502);
    expect(await statusOf(peer, CALL)).toBe(405);
    expect(await statusOf(peer, FILE, { method: "DELETE" })).toBe(405);
    expect(await statusOf(peer, FILE, post)).toBe(405);
  });

  test("whatever a browser would run", async () => {
    const peer = answering(200, { "content-type": "text/javascript" }, "alert(1)");
    expect(await statusOf(peer, FILE, { headers: { "service-worker": "script" } })).toBe(403);
  });

  test.each([
    { what: "a way up", line: `GET /via/${PEER_ID}/files/../healthz HTTP/1.1`, status: 404 },
    { what: "an encoded slash", line: `GET ${FILE}%2f..%2f HTTP/1.1`, status: 404 },
    { what: "another host's URL", line: "GET http://other.example/healthz HTTP/1.1", status: 404 },
    { what: "a tunnel", line: "CONNECT other.example:443 HTTP/1.1", status: undefined },
    { what: "another host", line: `GET ${FILE} HTTP/1.1`, host: "evil.example", status: 421 },
    { what: "no host", line: `GET ${FILE} HTTP/1.0`, host: "", status: 421 },
  ])("$what", async ({ line, host = "127.0.0.1", status }) => {
    let isAsked = false;
    const { port } = await start((_request, response) => {
      isAsked = true;
      response.end();
    });
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.end(`${line}\r\n${host === "" ? "" : `Host: ${host}\r\n`}Connection: close\r\n\r\n`);
    const answer = await text(socket).catch(() => "");
    expect(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]).toBe(status?.toString());
    expect(isAsked).toBe(false);
  });
});

describe("pages", () => {
  test("of the app may call, those of others may not, and get nothing they could read", async () => {
    const { url } = await start(answering(200, { "content-type": "application/proto" }, "honey"));
    const preflight = (origin: string) =>
      fetch(url + CALL, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST" },
      });
    const allowed = await preflight(APP_ORIGIN);
    expect([allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([204, APP_ORIGIN]);
    const refused = await preflight("http://evil.example");
    expect(refused.headers.get("access-control-allow-origin")).toBeNull();
    const call = (origin: string) =>
      fetch(url + CALL, { method: "POST", headers: { origin, "content-type": "application/proto" } });
    const own = await call(APP_ORIGIN);
    expect([own.status, own.headers.get("access-control-allow-origin")]).toEqual([200, APP_ORIGIN]);
    expect((await call("http://evil.example")).status).toBe(403);
    const file = await fetch(url + FILE, { headers: { origin: "http://evil.example" } });
    expect(file.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("that the peer allows are none the gateway allows", async () => {
    const { url } = await start(answering(200, { "access-control-allow-origin": "*" }, "honey"));
    const file = await fetch(url + FILE);
    expect(file.headers.get("access-control-allow-origin")).toBeNull();
  });
});

test("health is told to whoever asks", async () => {
  const { url } = await start(answering(200, {}));
  for (const path of ["/healthz", "/.well-known/panal-gateway"]) {
    const answer = await fetch(url + path);
    expect([answer.status, await answer.text()]).toEqual([200, "ok\n"]);
  }
});
