import { closeSync, openSync, writeSync } from "node:fs";
import { type IncomingHttpHeaders, type RequestOptions, request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleBytes } from "../testing/shared-folder.ts";
import { ALLOWED_ORIGIN, type TestPeer, startTestPeer } from "../testing/test-peer.ts";

const LENGTH = 100_000;
const content = sampleBytes(LENGTH);

let peer: TestPeer;
let fileId: string;
let emptyId: string;
beforeAll(async () => {
  peer = await startTestPeer({ "films/bee.mp4": content, "empty.txt": "" });
  const idOf = (path: string) => [...peer.library.all()].find((file) => file.path === path)!.fileId;
  fileId = idOf("films/bee.mp4");
  emptyId = idOf("empty.txt");
});
afterAll(() => peer.close());

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** As it is sent: fetch would tidy up paths and refuse headers. */
function ask(path: string, options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port: peer.port, path, ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    sent.on("error", reject);
    sent.end();
  });
}

const get = (name: string, headers: Record<string, string> = {}, method = "GET") =>
  ask(`/files/${fileId}/${name}`, { headers, method });

describe("the /files door", () => {
  it.each([
    { range: "bytes=0-0", start: 0, end: 1 },
    { range: "bytes=0-", start: 0, end: LENGTH },
    { range: "bytes=10-19", start: 10, end: 20 },
    { range: "bytes=99999-", start: 99_999, end: LENGTH },
    { range: "bytes=99990-200000", start: 99_990, end: LENGTH },
    { range: "bytes=-5", start: LENGTH - 5, end: LENGTH },
    { range: "bytes=-200000", start: 0, end: LENGTH },
    { range: "BYTES=1-2", start: 1, end: 3 },
  ])("answers $range with 206 and exactly that", async ({ range, start, end }) => {
    const { status, headers, body } = await get("bee.mp4", { range });
    expect(status).toBe(206);
    expect(headers["content-range"]).toBe(`bytes ${start}-${end - 1}/${LENGTH}`);
    expect(headers["content-length"]).toBe(String(end - start));
    expect(body.equals(content.subarray(start, end))).toBe(true);
  });

  it.each(["bytes=0-1,5-6", "bytes=5-2", "bytes=-", "bytes=a-b", "blocks=0-1", "bytes 0-1", ""])(
    "answers the range %j with the whole file",
    async (range) => {
      const { status, body } = await get("bee.mp4", { range });
      expect(status).toBe(200);
      expect(body.equals(content)).toBe(true);
    },
  );

  it.each(["bytes=100000-", "bytes=99999999999999999999999-", "bytes=-0"])(
    "answers %s with 416",
    async (range) => {
      const { status, headers } = await get("bee.mp4", { range });
      expect(status).toBe(416);
      expect(headers["content-range"]).toBe(`bytes */${LENGTH}`);
      expect(headers["content-disposition"]).toBeUndefined();
    },
  );

  it("answers HEAD with the same headers and no body", async () => {
    const { status, headers, body } = await get("bee.mp4", { range: "bytes=0-9" }, "HEAD");
    expect({ status, length: headers["content-length"], body: body.length }).toEqual({
      status: 206,
      length: "10",
      body: 0,
    });
  });

  it("answers for an empty file", async () => {
    const whole = await ask(`/files/${emptyId}/empty.txt`);
    expect({ status: whole.status, length: whole.headers["content-length"] }).toEqual({
      status: 200,
      length: "0",
    });
    const range = await ask(`/files/${emptyId}/empty.txt`, { headers: { range: "bytes=0-" } });
    expect(range.status).toBe(416);
  });

  it("takes If-Range with its own ETag only", async () => {
    const tagged = await get("x", { range: "bytes=0-9", "if-range": `"${fileId}"` });
    expect(tagged.status).toBe(206);
    for (const other of ['"other"', `W/"${fileId}"`, "Tue, 24 Nov 2026 00:00:00 GMT"]) {
      expect((await get("x", { range: "bytes=0-9", "if-range": other })).status).toBe(200);
    }
  });

  it("answers If-None-Match with 304 and If-Match with 412", async () => {
    for (const match of [`"${fileId}"`, `W/"${fileId}"`, `"a", "${fileId}"`, "*"]) {
      const { status, body, headers } = await get("x", { "if-none-match": match });
      expect({ status, bytes: body.length, etag: headers.etag }).toEqual({
        status: 304,
        bytes: 0,
        etag: `"${fileId}"`,
      });
    }
    expect((await get("x", { "if-none-match": '"a"' })).status).toBe(200);
    expect((await get("x", { "if-match": '"a"' })).status).toBe(412);
  });

  it.each([
    { name: "a.mp4", type: "video/mp4", disposition: 'inline; filename="a.mp4"' },
    { name: "a.svg", type: "application/octet-stream", disposition: 'attachment; filename="a.svg"' },
    { name: "a.html", type: "application/octet-stream", disposition: 'attachment; filename="a.html"' },
    { name: "a.png?download", type: "image/png", disposition: 'attachment; filename="a.png"' },
    {
      name: "a%22;%20filename=evil.exe%0d%0aX-Evil:%201",
      type: "application/octet-stream",
      disposition: 'attachment; filename="a_; filename=evil.exeX-Evil_ 1"',
    },
    {
      name: "M%C3%BAsica%20%F0%9F%90%9D.mp3",
      type: "audio/mpeg",
      disposition: "inline; filename=\"M_sica __.mp3\"; filename*=UTF-8''M%C3%BAsica%20%F0%9F%90%9D.mp3",
    },
    {
      name: "..%2f..%2fetc%2fpasswd",
      type: "application/octet-stream",
      disposition: 'attachment; filename="passwd"',
    },
    { name: "", type: "video/mp4", disposition: 'inline; filename="bee.mp4"' },
  ])("calls it $name harmlessly", async ({ name, type, disposition }) => {
    const { status, headers, body } = await get(name);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": type,
      "content-disposition": disposition,
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "cross-origin",
      "accept-ranges": "bytes",
      etag: `"${fileId}"`,
    });
    expect(headers["content-security-policy"]).toContain("sandbox");
    expect(headers["x-evil"]).toBeUndefined();
    expect(body.equals(content)).toBe(true);
  });

  it("leaves the sandbox to the browser's own viewer for a PDF that is shown", async () => {
    expect((await get("a.pdf")).headers["content-security-policy"]).toBeUndefined();
    expect((await get("a.pdf?download")).headers["content-security-policy"]).toContain("sandbox");
  });

  it("gives a torrent of the file under its name", async () => {
    const { status, headers, body } = await get("bee.mp4.torrent");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("application/x-bittorrent");
    expect(body.toString("latin1")).toContain(`http://127.0.0.1:${peer.port}/files/${fileId}/`);
  });

  it.each([
    ["/files/", 400],
    ["/files/nothing/x", 400],
    ["/files/../films/bee.mp4", 400],
    ["/files/%2e%2e/films/bee.mp4", 400],
    [`/files/${"ab".repeat(32)}-5/x`, 404],
    ["/films/bee.mp4", 404],
    ["/../../etc/passwd", 404],
    ["//etc/passwd", 404],
    ["/", 404],
  ])("has nothing at %s (%i)", async (path, expected) => {
    const { status, headers } = await ask(path);
    expect(status).toBe(expected);
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
  });

  it("refuses under a name that can't be decoded, or below a name", async () => {
    expect((await get("%ff")).status).toBe(400);
    expect((await get("a/b")).status).toBe(400);
  });

  it("refuses other methods", async () => {
    expect((await get("x", {}, "DELETE")).status).toBe(405);
  });

  it("cuts the connection when the file changes under a reader", { timeout: 30_000 }, async () => {
    const size = 32 * 1024 * 1024;
    await peer.write("large.bin", new Uint8Array(size));
    await peer.library.refresh("");
    await peer.library.settled();
    const large = [...peer.library.all()].find(({ path }) => path === "large.bin")!;
    let total = 0;
    const ended = new Promise<string>((resolve) => {
      request({ host: "127.0.0.1", port: peer.port, path: `/files/${large.fileId}` }, (response) => {
        response.once("data", () => {
          response.pause();
          const file = openSync(join(peer.root, "large.bin"), "r+");
          writeSync(file, Buffer.from("other"), 0, 5, size - 5);
          closeSync(file);
          response.resume();
        });
        response.on("data", (chunk: Buffer) => (total += chunk.length));
        response.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
        response.on("end", () => resolve("end"));
      }).end();
    });
    expect(await ended).toBe("ECONNRESET");
    expect(total).toBeLessThan(size);
    // The new content isn't to be had under the old id.
    expect((await ask(`/files/${large.fileId}`)).status).toBe(404);
  });
});

describe("who may ask", () => {
  it.each([
    { host: "127.0.0.1", status: 200 },
    { host: "192.168.1.5:7071", status: 200 },
    { host: "[::1]:7071", status: 200 },
    { host: "localhost", status: 200 },
    { host: "any.localhost:7071", status: 200 },
    { host: "PEER.example:7071", status: 200 },
    { host: "peer.example.", status: 200 },
    { host: "evil.example", status: 421 },
    { host: "peer.example.evil.example", status: 421 },
    { host: "127.0.0.1.evil.example", status: 421 },
    { host: "[evil]", status: 421 },
    { host: "a@127.0.0.1", status: 421 },
    { host: "localhost:80:80", status: 421 },
  ])("answers Host $host with $status", async ({ host, status }) => {
    expect((await ask("/healthz", { headers: { host } })).status).toBe(status);
    expect((await get("x", { host })).status).toBe(status);
  });

  it("serves the nonce to anybody", async () => {
    const { body } = await ask("/.well-known/panal");
    expect(body.toString().trim()).toBe("the-nonce");
  });

  const service = "/panal.v1.PeerService/GetPeer";
  const call = (headers: Record<string, string>, method = "POST") => ask(service, { method, headers });

  it("lets pages of allowed origins call and read, with what they need", async () => {
    const preflight = await call(
      {
        origin: ALLOWED_ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-grpc-web",
        "access-control-request-private-network": "true",
      },
      "OPTIONS",
    );
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      "access-control-allow-origin": ALLOWED_ORIGIN,
      "access-control-allow-private-network": "true",
      vary: "origin",
    });
    for (const header of ["content-type", "x-grpc-web", "range", "connect-protocol-version"]) {
      expect(preflight.headers["access-control-allow-headers"]).toContain(header);
    }
    const file = await get("x", { origin: ALLOWED_ORIGIN });
    expect(file.headers["access-control-allow-origin"]).toBe(ALLOWED_ORIGIN);
    expect(file.headers["access-control-expose-headers"]).toContain("content-range");
  });

  it.each(["http://evil.example", "null", `${ALLOWED_ORIGIN}0`, "http://app.example"])(
    "refuses calls from pages of %s, and lets them read nothing",
    async (origin) => {
      expect((await call({ origin, "content-type": "application/json" })).status).toBe(403);
      expect((await call({ origin, "access-control-request-method": "POST" }, "OPTIONS")).status).toBe(403);
      expect((await get("x", { origin })).headers["access-control-allow-origin"]).toBeUndefined();
    },
  );
});
