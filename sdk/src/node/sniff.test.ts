import { describe, expect, it } from "vitest";
import { speechOf } from "./sniff.ts";

describe("speechOf()", () => {
  it.each([
    { start: "", speech: undefined },
    { start: "P", speech: undefined },
    { start: "PRI", speech: undefined },
    { start: "PRI ", speech: "http2" },
    { start: "PRI * HTTP/2.0\r\n", speech: "http2" },
    { start: "PRO", speech: "http1" },
    { start: "POST / HTTP/1.1", speech: "http1" },
    { start: "G", speech: "http1" },
    { start: "\u0016\u0003\u0001", speech: "tls" },
    { start: "\u0000\u0000", speech: "http1" },
  ])("takes $start for $speech", ({ start, speech }) => {
    expect(speechOf(Buffer.from(start, "latin1"))).toBe(speech);
  });
});
