import { describe, expect, it } from "vitest";
import { type Expectation, expectAnswer } from "./expectation.ts";

const NO_KINDS = { video: 0, audio: 0, image: 0, document: 0, archive: 0, other: 0 };
const row = {
  fileId: `${"0".repeat(64)}-1`,
  size: 1,
  path: "a",
  names: ["a"],
  kind: "other",
  mtime: "2026-01-01T00:00:00Z",
  peerCount: 1,
};

function page(extra: object): string {
  return JSON.stringify({ files: [row, row], kinds: { ...NO_KINDS, audio: 3, video: 1 }, ...extra });
}

function verdict(status: number, body: string, expected: Expectation): string {
  try {
    expectAnswer({ status, body: Buffer.from(body) }, expected);
    return "good";
  } catch (error) {
    return (error as Error).message.split(":")[0]!;
  }
}

const selective: Expectation = { type: "page", rows: 2, matches: 4 };
const common: Expectation = { type: "page", rows: 2, matches: undefined };
const announce: Expectation = { type: "text", includes: "interval", without: "failure reason" };

describe("expectAnswer", () => {
  it.each([
    { status: 200, body: page({}), expected: selective, is: "good" },
    { status: 200, body: page({ files: [row] }), expected: selective, is: "expected 2 rows" },
    {
      status: 200,
      body: page({ kinds: NO_KINDS }),
      expected: selective,
      is: "expected 4 in all, not 0",
    },
    { status: 200, body: page({ isCapped: true }), expected: selective, is: "good" },
    {
      status: 200,
      body: page({ isCapped: true }),
      expected: { ...selective, matches: 3 },
      is: "expected 3 in all, not 4",
    },
    {
      status: 200,
      body: page({}),
      expected: { ...selective, matches: 5 },
      is: "expected 5 in all, not 4",
    },
    {
      status: 200,
      body: page({ didYouMean: "other" }),
      expected: selective,
      is: "expected files of these very words",
    },
    { status: 200, body: page({ isCapped: true }), expected: common, is: "good" },
    { status: 200, body: page({}), expected: common, is: "expected to be told that there are more" },
    { status: 503, body: page({}), expected: selective, is: "expected 200" },
    { status: 200, body: "d8:intervali600e", expected: announce, is: "good" },
    { status: 200, body: "d14:failure reason", expected: announce, is: "expected interval" },
    {
      status: 200,
      body: "interval, failure reason",
      expected: announce,
      is: "expected no failure reason",
    },
    { status: 429, body: "interval", expected: announce, is: "expected 200" },
  ])("expectAnswer() of $status $body is $is", ({ status, body, expected, is }) => {
    expect(verdict(status, body, expected)).toBe(is);
  });
});
