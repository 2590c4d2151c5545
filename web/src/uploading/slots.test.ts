import { expect, it } from "vitest";
import { createSlots } from "./slots.ts";

const { signal: never } = new AbortController();

/** What has been granted by now. */
async function granted(...asked: Promise<unknown>[]): Promise<number[]> {
  const done: number[] = [];
  for (const [index, each] of asked.entries()) void each.then(() => done.push(index)).catch(() => {});
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  return done;
}

it("createSlots() gives out what there is, in the order it was asked for", async () => {
  const slots = createSlots(4);
  const first = await slots.take(3, never);
  const many = slots.take(4, never);
  const few = slots.take(1, never);
  expect(await granted(many, few)).toEqual([]);
  first();
  expect(await granted(many, few)).toEqual([0]);
  (await many)();
  expect(await granted(few)).toEqual([0]);
});

it("createSlots() gives everything to whoever asks for more than there is", async () => {
  const slots = createSlots(2);
  (await slots.take(5, never))();
  expect(await granted(slots.take(2, never))).toEqual([0]);
});

it("createSlots() forgets who doesn't wait any longer, and serves those behind", async () => {
  const slots = createSlots(2);
  await slots.take(1, never);
  const leaving = new AbortController();
  const large = slots.take(2, leaving.signal);
  const small = slots.take(1, never);
  leaving.abort();
  await expect(large).rejects.toMatchObject({ code: "aborted" });
  expect(await granted(small)).toEqual([0]);
  await expect(slots.take(1, leaving.signal)).rejects.toMatchObject({ code: "aborted" });
});
