import { expect, test } from "vitest";
import { createSharedClock } from "./postgres-clock.ts";

/** A clock over a local one that is set by hand. */
function clockAt(localMs: number) {
  const local = { ms: localMs };
  const clock = createSharedClock(() => local.ms);
  return { local, clock };
}

test("a shared clock shows the local time until the database has told its own", () => {
  const { clock } = clockAt(1_000);
  expect(clock.now()).toBe(1_000);
  clock.note({ databaseMs: 500, askedAt: 1_000, answeredAt: 1_000 });
  expect(clock.now()).toBe(500);
});

test("two whose local clocks are minutes apart agree", () => {
  const [fast, slow] = [clockAt(1_000_000), clockAt(400_000)];
  fast.clock.note({ databaseMs: 700_000, askedAt: 1_000_000, answeredAt: 1_000_000 });
  slow.clock.note({ databaseMs: 700_000, askedAt: 400_000, answeredAt: 400_000 });
  for (const { local } of [fast, slow]) local.ms += 5_000;
  expect([fast.clock.now(), slow.clock.now()]).toEqual([705_000, 705_000]);
});

test("an answer that took long doesn't replace a better one, until that is old", () => {
  const { local, clock } = clockAt(0);
  clock.note({ databaseMs: 10_000, askedAt: 0, answeredAt: 0 });
  local.ms = 100;
  // It says 10 140, give or take 50.
  clock.note({ databaseMs: 10_090, askedAt: 0, answeredAt: 100 });
  expect(clock.now()).toBe(10_100);
  local.ms = 1_000_000;
  clock.note({ databaseMs: 1_010_090, askedAt: 999_900, answeredAt: 1_000_000 });
  expect(clock.now()).toBe(1_010_140);
});

test("it never goes back by what is only measured better", () => {
  const { local, clock } = clockAt(0);
  clock.note({ databaseMs: 1_000, askedAt: -100, answeredAt: 0 });
  local.ms = 10;
  expect(clock.now()).toBe(1_060);
  clock.note({ databaseMs: 1_020, askedAt: 10, answeredAt: 10 });
  expect(clock.now()).toBe(1_060);
  local.ms = 60;
  expect(clock.now()).toBe(1_070);
});

test("it follows a database whose clock was set", () => {
  const { local, clock } = clockAt(0);
  clock.note({ databaseMs: 1_000_000, askedAt: 0, answeredAt: 2 });
  local.ms = 10;
  expect(clock.now()).toBe(1_000_009);
  clock.note({ databaseMs: 400_000, askedAt: 10, answeredAt: 12 });
  expect(clock.now()).toBe(399_999);
});
