import { describe, expect, it } from "vitest";
import { createFormats } from "./format.ts";

const en = createFormats("en");
const es = createFormats("es");
const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("bytes()", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [999_949, "999.9 kB"],
    [999_950, "1.0 MB"],
    [536_870_912, "536.9 MB"],
    [2 ** 41, "2.2 TB"],
    [2e15, "2,000.0 TB"],
  ])("writes %d", (bytes, text) => {
    expect(plain(en.bytes(bytes))).toBe(text);
  });

  it("writes decimals as the language does", () => {
    expect(plain(es.speed(1_250_000))).toBe("1,3 MB/s");
  });
});

it("percent() shows 100 % only for all of it", () => {
  expect(en.percent(0.9999)).toBe("99%");
  expect(en.percent(0.29)).toBe("29%");
  expect(en.percent(1)).toBe("100%");
});

describe("duration()", () => {
  it.each([
    [0, "1 sec"],
    [59.2, "1 min"],
    [61, "1 min"],
    [3600, "1 hr"],
    [3900, "1 hr 5 min"],
    [200_000, "2 days"],
  ])("writes %d seconds", (seconds, text) => {
    expect(plain(en.duration(seconds))).toBe(text);
  });
});

describe("age()", () => {
  const now = Date.parse("2026-11-24T12:00:00Z");
  it.each([
    ["2026-11-24T12:00:30Z", "now"],
    ["2026-11-24T11:45:00Z", "15 min. ago"],
    ["2026-11-23T11:00:00Z", "yesterday"],
    ["2025-11-01T11:00:00Z", "last yr."],
    ["nonsense", ""],
  ])("writes %s", (time, text) => {
    expect(plain(en.age(time, now))).toBe(text);
  });
});
