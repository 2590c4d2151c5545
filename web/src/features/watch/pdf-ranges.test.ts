import { expect, it } from "vitest";
import { fetchRange } from "./pdf-ranges.ts";

it("fetchRange() asks on until all of it is there", async () => {
  const file = Uint8Array.from({ length: 20 }, (_, index) => index);
  const asked: number[][] = [];
  const bytes = await fetchRange(
    "/stream/x",
    { start: 3, end: 17 },
    AbortSignal.timeout(60_000),
    async (_, range) => {
      asked.push([range.start, range.end]);
      return file.slice(range.start, Math.min(range.end, range.start + 6));
    },
  );
  expect(bytes).toEqual(file.slice(3, 17));
  expect(asked).toEqual([
    [3, 17],
    [9, 17],
    [15, 17],
  ]);
});

it("fetchRange() fails when a part can't be had", async () => {
  const failing = fetchRange("/stream/x", { start: 0, end: 9 }, AbortSignal.timeout(60_000), async () => {
    throw new Error("gone");
  });
  await expect(failing).rejects.toThrow("gone");
});
