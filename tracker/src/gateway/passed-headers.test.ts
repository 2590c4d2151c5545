import { describe, expect, test } from "vitest";
import { fileHeaders, headersForClient, headersForPeer, isForRunning } from "./passed-headers.ts";

test("headersForPeer() passes on what a peer may know, and nothing of who asks", () => {
  expect(
    headersForPeer({
      "content-type": "application/proto",
      "content-length": "7",
      "connect-timeout-ms": "5",
      "grpc-timeout": "1S",
      "panal-upload-code": "honey",
      range: "bytes=0-1",
      "panal-peer": "abcdefgh",
      authorization: "Bearer secret",
      cookie: "a=b",
      origin: "http://app.example",
      referer: "http://app.example/f/1",
      "x-forwarded-for": "203.0.113.7",
      host: "via.example",
      connection: "keep-alive",
      te: "trailers",
      "transfer-encoding": "chunked",
      upgrade: "h2c",
      expect: "100-continue",
      "accept-encoding": "gzip",
      "proxy-authorization": "Basic secret",
    }),
  ).toEqual({
    "content-type": "application/proto",
    "content-length": "7",
    "connect-timeout-ms": "5",
    "grpc-timeout": "1S",
    "panal-upload-code": "honey",
    range: "bytes=0-1",
  });
});

const EVIL = {
  "set-cookie": "a=b",
  "service-worker-allowed": "/",
  location: "http://app.example",
  "clear-site-data": '"*"',
  "content-security-policy": "default-src *",
  "access-control-allow-origin": "*",
  refresh: "0; url=http://evil.example",
  link: "<x>; rel=preload",
  "content-disposition": "inline",
  "x-frame-options": "ALLOWALL",
  "cache-control": "public, max-age=99999999",
  "alt-svc": 'h3=":443"',
  "strict-transport-security": "max-age=99999999",
  "content-location": "/",
};

describe("headersForClient()", () => {
  test.each(["evil.html", "evil.svg", "sw.js", "evil.xml", "evil.xhtml", "evil", "evil.mjs", "evil.pdf"])(
    "makes bytes to be saved of %s, whatever the peer calls it",
    (name) => {
      const headers = headersForClient(
        {
          status: 200,
          headers: { ...EVIL, "content-type": "text/html", etag: '"x"', "content-length": "5" },
        },
        { kind: "files", name },
      );
      expect(headers).toEqual({
        "cache-control": "no-cache",
        "content-disposition": `attachment; filename="${name}"`,
        "content-length": "5",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "content-type": "application/octet-stream",
        "cross-origin-resource-policy": "cross-origin",
        etag: '"x"',
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
      });
    },
  );

  test("names what players and pictures look at by the file's name", () => {
    expect(fileHeaders("a.webm")["content-type"]).toBe("video/webm");
    expect(fileHeaders("a.png")["content-type"]).toBe("image/png");
    expect(fileHeaders("a.txt")["content-type"]).toBe("application/octet-stream");
  });

  test.each([
    "application/connect+proto",
    "application/proto",
    "application/json",
    "application/grpc-web+proto",
    "application/grpc-web",
  ])("passes on an answer to a call as %s, and nothing of the peer's own headers", (type) => {
    const headers = headersForClient(
      { status: 200, headers: { ...EVIL, "content-type": type, "grpc-status": "0" } },
      { kind: "call", name: undefined },
    );
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "content-type": type,
      "grpc-status": "0",
      "x-content-type-options": "nosniff",
    });
    expect(
      Object.keys(headers ?? {})
        .filter((name) => name in EVIL)
        .sort(),
    ).toEqual(["cache-control", "content-security-policy", "x-frame-options"]);
    expect(headers?.["content-security-policy"]).toMatch(/sandbox$/);
  });

  test.each([
    { what: "a page in place of an answer", status: 200, headers: { "content-type": "text/html" } },
    { what: "no type at all", status: 200, headers: {} },
    { what: "a redirect", status: 302, headers: { location: "http://app.example" } },
    { what: "an answer before the answer", status: 101, headers: {} },
    {
      what: "packed bytes",
      status: 200,
      headers: { "content-type": "application/proto", "content-encoding": "gzip" },
    },
    { what: "a status that is none", status: 999, headers: {} },
  ])("refuses $what", ({ status, headers }) => {
    expect(
      headersForClient(
        { status, headers: headers as Record<string, string> },
        { kind: "call", name: undefined },
      ),
    ).toBeUndefined();
  });

  test("takes a peer's error page for an error without words", () => {
    const headers = headersForClient(
      { status: 404, headers: { "content-type": "text/html" } },
      { kind: "call", name: undefined },
    );
    expect(headers).toMatchObject({ "content-type": "application/octet-stream" });
  });
});

test.each([
  { headers: { "service-worker": "script" }, is: true },
  { headers: { "sec-fetch-dest": "serviceworker" }, is: true },
  { headers: { "sec-fetch-dest": "script" }, is: true },
  { headers: { "sec-fetch-dest": "style" }, is: true },
  { headers: { "sec-fetch-dest": "worker" }, is: true },
  { headers: { "sec-fetch-dest": "video" }, is: false },
  { headers: { "sec-fetch-dest": "empty" }, is: false },
  { headers: {}, is: false },
])("isForRunning() says $is of $headers", ({ headers, is }) => {
  expect(isForRunning(headers)).toBe(is);
});
