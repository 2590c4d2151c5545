import { describe, expect, it } from "vitest";
import { parseAnswer } from "./http-answer.ts";

const bytes = (text: string) => Buffer.from(text);
const shown = (text: string) => {
  const answer = parseAnswer(bytes(text));
  return answer && { status: answer.status, body: answer.body.toString() };
};

describe("parseAnswer", () => {
  const whole = "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 5\r\n\r\nhello";

  it("parseAnswer() gives status and body once the last byte is there, and not before", () => {
    expect(shown(whole)).toEqual({ status: 200, body: "hello" });
    for (let length = 0; length < whole.length; length++) {
      expect(shown(whole.slice(0, length))).toBeUndefined();
    }
  });

  it("parseAnswer() puts chunks together", () => {
    const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const chunked = `${head}3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`;
    expect(shown(chunked)).toEqual({ status: 200, body: "hello" });
    for (let length = 0; length < chunked.length; length++) {
      expect(shown(chunked.slice(0, length))).toBeUndefined();
    }
  });

  it("parseAnswer() expects no body where there is none", () => {
    expect(shown("HTTP/1.1 204 No Content\r\n\r\n")).toEqual({ status: 204, body: "" });
  });

  it("parseAnswer() says when to come again", () => {
    const busy = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n";
    expect(parseAnswer(bytes(busy))).toEqual({ status: 503, body: bytes(""), retryAfterSeconds: 30 });
  });

  it.each(["SSH-2.0-x\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nwithout length\r\n"])(
    "parseAnswer() throws for %j",
    (text) => {
      expect(() => parseAnswer(bytes(text))).toThrow("answer");
    },
  );

  it("parseAnswer() throws for an endless one", () => {
    expect(() => parseAnswer(Buffer.alloc(17 * 1024 * 1024))).toThrow("more than");
  });
});
