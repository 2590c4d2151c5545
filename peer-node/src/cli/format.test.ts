import { expect, it } from "vitest";
import { count, formatBytes, formatDuration, formatPercent, formatSpeed, progressBar } from "./format.ts";

it.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [1_048_575, "1.0 MiB"],
  [512 * 1024 ** 2, "512.0 MiB"],
  [2 ** 41, "2.0 TiB"],
])("formatBytes(%i) is %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

it.each([
  [0, "0 s"],
  [0.01, "0.1 s"],
  [0.44, "0.4 s"],
  [0.96, "1 s"],
  [59.4, "59 s"],
  [65, "1 min 05 s"],
  [4020, "1 h 07 min"],
  [-1, "0 s"],
])("formatDuration(%d) is %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));

it("progressBar() is full only at the end", () => {
  expect(progressBar(0.999, 10)).toBe("█████████░");
  expect(progressBar(1, 4)).toBe("████");
  expect(progressBar(7, 4)).toBe("████");
  expect(progressBar(0.5, 8)).toBe("████░░░░");
});

it("formatPercent(), formatSpeed() and count() read well", () => {
  expect(formatPercent(0.9999)).toBe("99 %");
  expect(formatSpeed(1536.4)).toBe("1.5 KiB/s");
  expect([count(1, "file"), count(0, "peer")]).toEqual(["1 file", "0 peers"]);
});
