import { expect, it } from "vitest";
import { parsePlainHead } from "./plain-request.ts";

const head = (...lines: string[]) => ["POST /a HTTP/1.1", "Host: x", ...lines].join("\r\n");

it("parsePlainHead() reads a head as Node does", () => {
  const text = head("Content-Length: 12", "X-Empty:", "x-padded: \t a b\t ", "X-Latin: caf\u00e9");
  expect(parsePlainHead(text)).toEqual({
    method: "POST",
    url: "/a",
    headers: new Map([
      ["host", "x"],
      ["content-length", "12"],
      ["x-empty", ""],
      ["x-padded", "a b"],
      ["x-latin", "caf\u00e9"],
    ]),
    length: 12,
  });
  expect(parsePlainHead("OPTIONS /a?b HTTP/1.1\r\nhost: x\r\nConnection: Keep-Alive")?.length).toBe(0);
});

it.each([
  ["another version", "POST /a HTTP/1.0\r\nHost: x"],
  ["no host", "POST /a HTTP/1.1\r\ncontent-length: 1"],
  ["a whole URL", "POST http://x/a HTTP/1.1\r\nHost: x"],
  ["a method in small letters", "post /a HTTP/1.1\r\nHost: x"],
  ["a space in its path", "POST /a b HTTP/1.1\r\nHost: x"],
  ["two lengths", head("content-length: 1", "Content-Length: 1")],
  ["two hosts", head("host: y")],
  ["a length that is none", head("content-length: +1")],
  ["a length in parts", head("content-length: 1, 1")],
  ["a longer length than any", head("content-length: 12345678901")],
  ["chunks", head("transfer-encoding: chunked")],
  ["chunks besides a length", head("content-length: 1", "Transfer-Encoding: chunked")],
  ["a wish to be told to go on", head("expect: 100-continue")],
  ["an upgrade", head("connection: upgrade", "upgrade: h2c")],
  ["an end of the connection", head("connection: close")],
  ["a space before the colon", head("content-length : 1")],
  ["a line that goes on", head("x-a: 1", " 2")],
  ["a bare line feed", head("x-a: 1\ncontent-length: 1")],
  ["a bare carriage return", head("x-a: 1\rcontent-length: 1")],
  ["a zero byte", head("x-a: 1\u0000")],
  ["a line without a colon", head("x-a")],
  ["too many headers", head(...Array.from({ length: 64 }, (_, index) => `x-${index}: 1`))],
])("parsePlainHead() leaves to others a head with %s", (_, text) => {
  expect(parsePlainHead(text)).toBeUndefined();
});

it("parsePlainHead() takes no longer for what was made to be hard to read", () => {
  const spaces = " ".repeat(16_000);
  expect(parsePlainHead(head(`x-a: b${spaces}\u0000`, `x-b: ${spaces}`))).toBeUndefined();
});
