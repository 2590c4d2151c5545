import { expect, it } from "vitest";
import { createNarrator, type Heard, type News } from "./narrate-transfers.ts";

function setUp() {
  let nowMs = 0;
  let told: News[] = [];
  const narrate = createNarrator({ now: () => nowMs, tell: (news) => told.push(...news) });
  /** What is said when this is so, so long after the last time. */
  return (states: Record<string, Heard["state"]>, fraction?: number, { afterMs = 0 } = {}): News[] => {
    nowMs += afterMs;
    told = [];
    const items = Object.entries(states).map(([name, state]) => ({ key: name, name, state }));
    narrate(items, fraction);
    return told;
  };
}

it("createNarrator() says how far all is in tenths, and none of them soon after another", () => {
  const at = setUp();
  expect(at({ a: "moving" }, 0)).toEqual([]);
  expect(at({ a: "moving" }, 0.09)).toEqual([]);
  expect(at({ a: "moving" }, 0.1)).toEqual([{ type: "progress", fraction: 0.1 }]);
  for (let percent = 11; percent < 45; percent++) expect(at({ a: "moving" }, percent / 100)).toEqual([]);
  expect(at({ a: "moving" }, 0.45, { afterMs: 10_000 })).toEqual([{ type: "progress", fraction: 0.4 }]);
  expect(at({ a: "moving" }, 0.49, { afterMs: 60_000 })).toEqual([]);
  // Another one joins.
  expect(at({ a: "moving", b: "moving" }, 0.2)).toEqual([]);
  expect(at({ a: "moving", b: "moving" }, 0.31)).toEqual([{ type: "progress", fraction: 0.3 }]);
});

it("createNarrator() says once what has come, however many, and what stopped at once", () => {
  const at = setUp();
  expect(at({ a: "moving", b: "moving", c: "moving" }, 0)).toEqual([]);
  expect(at({ a: "done", b: "moving", c: "moving" }, 0.05)).toEqual([]);
  expect(at({ a: "done", b: "failed", c: "moving" }, 0.06)).toEqual([
    { type: "failed", names: ["b"], code: "internal" },
  ]);
  expect(at({ a: "done", b: "failed", c: "done" })).toEqual([{ type: "done", names: ["a", "c"] }]);
  expect(at({ a: "done", b: "failed", c: "done" })).toEqual([]);
  expect(at({ b: "moving" }, 0)).toEqual([]);
  expect(at({ b: "done" })).toEqual([{ type: "done", names: ["b"] }]);
});

it("createNarrator() says that nobody answers, but not each time of those who come and go", () => {
  const at = setUp();
  at({ a: "moving" }, 0);
  expect(at({ a: "waiting" }, 0)).toEqual([{ type: "waiting", names: ["a"] }]);
  for (const state of ["moving", "waiting"] as const)
    expect(at({ a: state }, 0, { afterMs: 1000 })).toEqual([]);
  at({ a: "moving" }, 0, { afterMs: 10_000 });
  expect(at({ a: "waiting" }, 0)).toEqual([{ type: "waiting", names: ["a"] }]);
});

it("createNarrator() says nothing of what an earlier page left, nor of what somebody pauses", () => {
  const at = setUp();
  expect(at({ a: "done", b: "failed", c: "resting" })).toEqual([]);
  expect(at({ c: "moving" }, 0)).toEqual([]);
  expect(at({ c: "resting" })).toEqual([]);
});
