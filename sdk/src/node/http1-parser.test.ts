import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PanalError } from "../errors.ts";
import type { BodyReader } from "../rpc/byte-transport.ts";
import { createHttp1Parser } from "./http1-parser.ts";

const encoder = new TextEncoder();

/** Keeps the body; takes at most `roomBytes` between two calls of `makeRoom`. */
function createKeeper(roomBytes = Infinity) {
  const bytes: number[] = [];
  let room = roomBytes;
  const reader: BodyReader = {
    direct: () => undefined,
    filled: () => {},
    take(chunk) {
      const part = chunk.subarray(0, room);
      bytes.push(...part);
      room -= part.length;
      return part.length;
    },
    whenRoom: async () => {},
    isDone: false,
    end: () => {},
  };
  return {
    reader,
    text: () => new TextDecoder().decode(Uint8Array.from(bytes)),
    makeRoom: () => (room = roomBytes),
  };
}

/** The whole of `answer` in pieces of `step` bytes, then the end of the connection if `ends`. */
function parse(answer: string | Uint8Array, { step = Infinity, ends = false, roomBytes = Infinity } = {}) {
  const parser = createHttp1Parser();
  const keeper = createKeeper(roomBytes);
  parser.attach(keeper.reader);
  const bytes = typeof answer === "string" ? encoder.encode(answer) : answer;
  let at = 0;
  while (at < bytes.length && !parser.isOver) {
    const taken = parser.take(bytes.subarray(at, at + step));
    if (taken === 0) keeper.makeRoom();
    at += taken;
  }
  if (ends) parser.connectionEnded();
  return { parser, body: keeper.text(), left: bytes.length - at };
}

const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

describe("createHttp1Parser()", () => {
  it.each<[string, string, string, boolean]>([
    ["a body of known length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", true],
    ["an empty body", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "", true],
    ["chunks", `${CHUNKED}3\r\nhel\r\n2;ext=1\r\nlo\r\n0\r\n\r\n`, "hello", true],
    ["sizes in capitals and with spaces", `${CHUNKED}0005 \r\nhello\r\n00\r\nA: b\r\n\r\n`, "hello", true],
    ["no body", "HTTP/1.1 204 No Content\r\n\r\n", "", true],
    [
      "interim answers before it",
      "HTTP/1.1 103 Early\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx",
      "x",
      true,
    ],
    ["lines that end in a line feed alone", "HTTP/1.1 200\ncontent-length: 2\n\nok", "ok", true],
    [
      "a connection to be closed",
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
      "ok",
      false,
    ],
    ["an answer of HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok", false],
    [
      "both framings: chunks count",
      `HTTP/1.1 200 OK\r\ncontent-length: 99\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`,
      "x",
      true,
    ],
  ])("takes %s, however it is cut", (_what, answer, body, keepsAlive) => {
    for (const step of [1, 2, 3, 7, Infinity]) {
      const parsed = parse(answer, { step, roomBytes: 2 });
      expect(parsed.body).toBe(body);
      expect(parsed.parser.isOver).toBe(true);
      expect(parsed.parser.keepsAlive).toBe(keepsAlive);
      expect(parsed.left).toBe(0);
    }
  });

  it("takes a body that ends with the connection", () => {
    const { parser, body } = parse("HTTP/1.1 200 OK\r\n\r\nall of it", { ends: true });
    expect([body, parser.isOver, parser.keepsAlive]).toEqual(["all of it", true, false]);
  });

  it("leaves alone what comes after the answer", () => {
    expect(parse("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1").left).toBe(8);
  });

  it("gives status and headers by lower-case name, the first of several", () => {
    const { parser } = parse(
      "HTTP/1.1 503 Busy\r\nRetry-After:  7 \r\nretry-after: 9\r\ncontent-length: 0\r\n\r\n",
    );
    expect(parser.head?.status).toBe(503);
    expect(parser.head?.headers.get("retry-after")).toBe("7");
  });

  it("waits with the body until somebody reads it", () => {
    const parser = createHttp1Parser();
    const bytes = encoder.encode("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    expect(parser.take(bytes)).toBe(bytes.length - 2);
    expect(parser.direct()).toBeUndefined();
    const keeper = createKeeper();
    parser.attach(keeper.reader);
    expect(parser.take(bytes.subarray(-2))).toBe(2);
    expect(keeper.text()).toBe("ok");
  });

  it("gives memory of the reader no longer than the chunk that comes", () => {
    const parser = createHttp1Parser();
    const memory = new Uint8Array(100);
    parser.attach({ ...createKeeper().reader, isDone: false, direct: () => memory });
    expect(parser.direct()).toBeUndefined();
    parser.take(encoder.encode(`${CHUNKED}a\r\n`));
    expect(parser.direct()).toHaveLength(10);
    parser.filled(4);
    expect(parser.direct()).toHaveLength(6);
    parser.filled(6);
    expect(parser.direct()).toBeUndefined();
    parser.take(encoder.encode("\r\n0\r\n\r\n"));
    expect(parser.isOver).toBe(true);
  });

  it.each<[string, string]>([
    ["something else than HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["HTTP/2", "HTTP/2 200\r\n\r\n"],
    ["a status that isn't one", "HTTP/1.1 99 x\r\n\r\n"],
    ["a switch of protocols", "HTTP/1.1 101 Go\r\n\r\n"],
    ["a header without a name", "HTTP/1.1 200 OK\r\n: x\r\n\r\n"],
    ["a header that goes on in the next line", "HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n"],
    ["a negative length", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"],
    ["a length past what numbers hold", "HTTP/1.1 200 OK\r\ncontent-length: 9007199254740993\r\n\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx"],
    ["a compressed transfer", "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n"],
    ["a chunk without a size", `${CHUNKED}\r\n`],
    ["a chunk of a size that isn't one", `${CHUNKED}0x10\r\n`],
    ["a chunk of more than can be", `${CHUNKED}fffffffffffff\r\n`],
    ["a chunk longer than its size", `${CHUNKED}1\r\nxy\r\n`],
    ["an endless head", `HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(3000)}`],
    ["an endless line", `HTTP/1.1 200 OK\r\na: ${"b".repeat(20_000)}`],
    ["an endless size", `${CHUNKED}1;${"x".repeat(2000)}`],
    ["endless trailers", `${CHUNKED}0\r\n${"a: b\r\n".repeat(3000)}`],
  ])("refuses %s", (_what, answer) => {
    expect(() => parse(answer)).toThrowError(expect.objectContaining({ code: "protocol" }));
  });

  it.each(["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nx", `${CHUNKED}5\r\nhel`])(
    "says that the connection broke (%j)",
    (answer) => {
      expect(() => parse(answer, { ends: true })).toThrowError(
        expect.objectContaining({ code: "unreachable" }),
      );
    },
  );

  it("makes the same of an answer however it is cut, and throws nothing but PanalErrors", () => {
    const part = fc.oneof(
      fc.constantFrom(
        "HTTP/1.1 200 OK",
        "\r\n",
        "\n",
        "content-length: 3",
        "transfer-encoding: chunked",
        "3\r\nabc",
        "0\r\n\r\n",
        "abc",
      ),
      fc.string({ maxLength: 5 }),
    );
    const outcome = (text: string, step: number) => {
      try {
        const { parser, body, left } = parse(text, { step, roomBytes: 3 });
        return [body, left, parser.isOver, parser.head?.status];
      } catch (error) {
        expect(error).toBeInstanceOf(PanalError);
        return (error as PanalError).code;
      }
    };
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.integer({ min: 1, max: 9 }), (parts, step) => {
        const text = parts.join("");
        expect(outcome(text, step)).toEqual(outcome(text, Infinity));
      }),
      { numRuns: 2_000 },
    );
  });
});
