import { expect, test } from "vitest";
import { PanalError } from "../errors.ts";
import { TrackerError } from "./tracker-client.ts";
import { askedWaitMs, trackerBackoffMs, isForgotten } from "./tracker-retry.ts";

const errorOf = (status: number, retryAfterSeconds?: number) =>
  new TrackerError({
    status,
    message: "no",
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });

test.each([
  [401, true],
  [403, true],
  [404, true],
  [409, false],
  [500, false],
])("isForgotten() of an answer with status %i is %s", (status, isSo) => {
  expect(isForgotten(errorOf(status))).toBe(isSo);
});

test("isForgotten() is for answers of a tracker only", () => {
  expect(isForgotten(new PanalError("not-found", "no such host"))).toBe(false);
});

test("askedWaitMs() is what the tracker says, a minute at most", () => {
  expect(askedWaitMs(errorOf(429, 7))).toBe(7_000);
  expect(askedWaitMs(errorOf(429, 7_000))).toBe(60_000);
  expect(askedWaitMs(errorOf(500))).toBe(0);
  expect(askedWaitMs(new Error("no network"))).toBe(0);
});

test("trackerBackoffMs() doubles from a second on, half of it by chance, thirty seconds at most", () => {
  expect([0, 1, 2].map((failures) => trackerBackoffMs(failures, 1))).toEqual([1_000, 2_000, 4_000]);
  expect(trackerBackoffMs(0, 0)).toBe(500);
  expect(trackerBackoffMs(50, 1)).toBe(30_000);
});
