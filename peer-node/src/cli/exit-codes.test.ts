import { PanalError, type PanalErrorCode } from "@panal/sdk";
import { expect, it } from "vitest";
import { UsageError, exitCodeOf, sentenceOf } from "./exit-codes.ts";

it.each<[PanalErrorCode, number]>([
  ["aborted", 130],
  ["not-found", 3],
  ["invalid", 2],
  ["conflict", 1],
  ["no-space", 1],
  ["unreachable", 1],
  ["internal", 1],
])("exitCodeOf(%s) is %i", (code, exitCode) => {
  expect(exitCodeOf(new PanalError(code, "why"))).toBe(exitCode);
});

it("exitCodeOf() is 2 for wrong usage and 1 for what nobody expected", () => {
  expect(exitCodeOf(new UsageError("why"))).toBe(2);
  expect(exitCodeOf(new TypeError("why"))).toBe(1);
});

it("sentenceOf() says what to do", () => {
  expect(sentenceOf(new PanalError("no-space", "/d"))).toMatch(/What has arrived is kept/);
  expect(sentenceOf(new PanalError("unreachable", "tracker http://t: no connection"))).toMatch(/--peer URL/);
  expect(
    sentenceOf(new PanalError("unreachable", "tracker https://t: its certificate isn't trusted here")),
  ).toMatch(/NODE_EXTRA_CA_CERTS/);
  expect(sentenceOf(new PanalError("unreachable", "no source left"))).toBe("no source left");
});

it("sentenceOf() is one line in which nothing is hidden", () => {
  expect(sentenceOf(new PanalError("corrupt", "a\nb\u001b[2J\u202egpj"))).toBe("a\ufffdb\ufffd[2J\ufffdgpj");
});
