import { describe, expect, it } from "vitest";
import { PanalError, isAbort } from "./errors.ts";

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

describe("PanalError.from()", () => {
  it.each([
    ["NotAllowedError", "no-permission"],
    ["SecurityError", "no-permission"],
    ["QuotaExceededError", "no-space"],
    ["DataError", "internal"],
  ])("knows what a browser means by %s", (name, code) => {
    expect(PanalError.from(new DOMException("no", name)).code).toBe(code);
  });

  it.each([
    ["ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1", "unreachable", "connection refused"],
    ["UND_ERR_SOCKET", "other side closed", "unreachable", "the connection broke"],
    ["ETIMEDOUT", "connect ETIMEDOUT", "timeout", "no answer in time"],
    [
      "ENOENT",
      "ENOENT: no such file or directory, open 'x'",
      "not-found",
      "no such file or directory, open 'x'",
    ],
    ["ENOSPC", "ENOSPC: no space left on device, write", "no-space", "no space left on device, write"],
    ["ESOMETHING", "ESOMETHING: else", "internal", "else"],
  ])("says what %s means, in words", (system, message, code, words) => {
    expect(PanalError.from(systemError(system, message))).toMatchObject({ code, message: words });
  });

  it("keeps a PanalError, an abort and what was thrown", () => {
    const known = new PanalError("busy", "later");
    expect(PanalError.from(known)).toBe(known);
    const abort = Object.assign(new Error("x"), { name: "AbortError" });
    expect(PanalError.from(abort)).toMatchObject({ code: "aborted", cause: abort });
    expect(isAbort(PanalError.from(abort))).toBe(true);
    expect(PanalError.from("text", "protocol")).toMatchObject({ code: "protocol", message: "text" });
  });
});
