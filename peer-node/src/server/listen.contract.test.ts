import { connect as connectHttp2 } from "node:http2";
import { request as requestHttps } from "node:https";
import { connect as connectNet } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TEST_CERTIFICATE } from "../testing/test-certificate.ts";
import { type TestPeer, startTestPeer } from "../testing/test-peer.ts";

const MIB = 1024 * 1024;

describe("one port", () => {
  let peer: TestPeer;
  beforeAll(async () => {
    peer = await startTestPeer({ "a.txt": "a" }, { tls: TEST_CERTIFICATE });
  });
  afterAll(() => peer.close());

  it("speaks HTTP/1.1, also when it comes byte by byte", async () => {
    const socket = connectNet(peer.port, "127.0.0.1");
    socket.setNoDelay(true);
    let text = "";
    socket.on("data", (chunk) => (text += String(chunk)));
    for (const byte of "PUT") {
      socket.write(byte);
      // A turn of its own for each.
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.end(" /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    await once(socket, "close");
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it.each(["http", "https"])("speaks HTTP/2 (%s)", async (scheme) => {
    const session = connectHttp2(`${scheme}://127.0.0.1:${peer.port}`, { rejectUnauthorized: false });
    const stream = session.request({ ":path": "/healthz" });
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    expect(headers[":status"]).toBe(200);
    stream.resume();
    await once(stream, "end");
    session.close();
    await once(session, "close");
  });

  it("speaks HTTP/1.1 over TLS", async () => {
    const status = await new Promise((resolve, reject) => {
      requestHttps(
        { host: "127.0.0.1", port: peer.port, path: "/healthz", rejectUnauthorized: false },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      )
        .on("error", reject)
        .end();
    });
    expect(status).toBe(200);
  });

  it("opens the windows of HTTP/2, of the connection and of its streams", async () => {
    const session = connectHttp2(peer.url);
    const stream = session.request({ ":path": "/healthz" });
    // What the server says of windows comes before its first answer.
    await once(stream, "response");
    expect(session.remoteSettings.initialWindowSize).toBe(4 * MIB);
    expect(session.state.remoteWindowSize).toBe(4 * MIB);
    stream.resume();
    await once(stream, "end");
    session.close();
    await once(session, "close");
  });

  it("refuses a host it wasn't told of over HTTP/2, too", async () => {
    const session = connectHttp2(peer.url);
    const stream = session.request({ ":path": "/healthz", ":authority": "evil.example" });
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    expect(headers[":status"]).toBe(421);
    stream.resume();
    await once(stream, "end");
    session.close();
    await once(session, "close");
  });
});
