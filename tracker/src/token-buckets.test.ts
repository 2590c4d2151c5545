import { expect, test } from "vitest";
import { createTokenBuckets } from "./token-buckets.ts";

function createScene({ perSecond = 2, burst = 4, maxKeys = 100 } = {}) {
  const clock = { now: 1_000_000 };
  return { clock, buckets: createTokenBuckets({ perSecond, burst, maxKeys, now: () => clock.now }) };
}

test("take() gives the burst at once, then what comes back, and says how long that takes", () => {
  const { clock, buckets } = createScene();
  expect([1, 2, 3, 4, 5].map(() => buckets.take("a"))).toEqual([0, 0, 0, 0, 500]);
  expect(buckets.take("b")).toBe(0);
  clock.now += 499;
  expect(buckets.take("a")).toBe(1);
  clock.now += 1;
  expect([1, 2].map(() => buckets.take("a"))).toEqual([0, 500]);
  clock.now += 60_000;
  expect([1, 2, 3, 4, 5].map(() => buckets.take("a"))).toEqual([0, 0, 0, 0, 500]);
});

test("charge() takes more than there is, which the next one waits for", () => {
  const { clock, buckets } = createScene();
  buckets.charge("a", 13);
  expect(buckets.take("a")).toBe(5_000);
  clock.now += 5_000;
  expect(buckets.take("a")).toBe(0);
});

test("the memory is bounded: whoever was silent longest begins anew", () => {
  const { buckets } = createScene({ maxKeys: 3 });
  for (let n = 0; n < 4; n++) buckets.charge("first", 1);
  for (const key of ["b", "c"]) buckets.charge(key, 4);
  expect(buckets.take("first")).toBe(500);
  // Refused: that is no use, so it is the oldest still.
  buckets.charge("d", 4);
  expect(buckets.size).toBe(3);
  expect(buckets.take("first")).toBe(0);
  for (let n = 0; n < 1_000; n++) buckets.take(`many ${n}`);
  expect(buckets.size).toBe(3);
});

test("who has been idle until the bucket was full is forgotten", () => {
  const { clock, buckets } = createScene();
  for (let n = 0; n < 50; n++) buckets.take(`key ${n}`);
  expect(buckets.size).toBe(50);
  clock.now += 10_000;
  for (let n = 0; n < 30; n++) {
    clock.now += 500;
    buckets.take("other");
  }
  expect(buckets.size).toBe(1);
});
