import type { TrackerEvent, TrackerEventsOptions } from "@panal/sdk/tracker";
import { expect, it, vi } from "vitest";
import { followTracker } from "./tracker-feed.ts";

vi.mock("./tracker.ts", () => ({ tracker: { url: "http://tracker.test" } }));

const LEFT: TrackerEvent = { type: "peer-left", peerId: "peer-id-1", name: "Ana" };

/** A clock whose sleepers wake when the test says so. */
function createManualClock() {
  const sleepers: (() => void)[] = [];
  return {
    wake: async () => {
      for (const wake of sleepers.splice(0)) wake();
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
    },
    clock: {
      now: () => 0,
      sleep: (_ms: number, signal?: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          sleepers.push(resolve);
          signal?.addEventListener("abort", () => reject(new Error("aborted")));
        }),
    },
  };
}

it("followTracker() asks to look anew when the stream begins and loses something, and tells the rest", async () => {
  const { clock, wake } = createManualClock();
  const told: (TrackerEvent | undefined)[] = [];
  const ending = new AbortController();
  let asked: TrackerEventsOptions | undefined;
  const following = followTracker({
    q: "bees",
    signal: ending.signal,
    onEvent: (event) => told.push(event),
    clock,
    events: async function* (options) {
      asked = options;
      options.onConnection?.({ type: "open" });
      yield LEFT;
      yield { type: "resync" };
      await new Promise<void>((resolve) => options.signal.addEventListener("abort", () => resolve()));
    },
  });
  await wake();
  expect(asked).toMatchObject({ url: "http://tracker.test", q: "bees" });
  expect(told).toEqual([undefined, LEFT, undefined]);
  ending.abort();
  await following;
});

it("followTracker() goes on asking when the tracker tells nothing", async () => {
  const { clock, wake } = createManualClock();
  let count = 0;
  const ending = new AbortController();
  const following = followTracker({
    q: undefined,
    signal: ending.signal,
    onEvent: () => count++,
    clock,
    // oxlint-disable-next-line eslint/require-yield -- it refuses before there is anything
    events: async function* () {
      throw new Error("HTTP 404");
    },
  });
  await wake();
  await wake();
  expect(count).toBe(2);
  ending.abort();
  await following;
});
