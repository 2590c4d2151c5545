import { expect, test } from "vitest";
import { createSteadyNow } from "./steady-now.ts";
import { ALIVE_MS, createTestTracker } from "./testing/test-tracker.ts";

const HOUR_MS = 3_600_000;

function clocks() {
  let wallMs = Date.UTC(2026, 0, 1);
  let steadyMs = 5_000.5;
  const now = createSteadyNow({ wallMs: () => wallMs, steadyMs: () => steadyMs });
  return {
    now,
    pass(ms: number) {
      wallMs += ms;
      steadyMs += ms;
    },
    set(byMs: number) {
      wallMs += byMs;
    },
  };
}

test("createSteadyNow() gives whole milliseconds since 1970, by the clock at the start", () => {
  const { now, pass } = clocks();
  expect(now()).toBe(Date.UTC(2026, 0, 1));
  pass(1_500.4);
  expect(now()).toBe(Date.UTC(2026, 0, 1) + 1_500);
});

test.each([HOUR_MS, -HOUR_MS])(
  "a clock that is set by %i ms meanwhile moves nobody's heartbeat",
  async (byMs) => {
    const { now, pass, set } = clocks();
    const tracker = createTestTracker({ now });
    try {
      const peerIds = async () =>
        (await tracker.call("/api/v1/peers")).body.peers.map((peer: { peerId: string }) => peer.peerId);
      const [ana, bea] = [await tracker.register(1), await tracker.register(2)];
      set(byMs);
      await tracker.registry.tick();
      expect(await peerIds()).toEqual([ana.peerId, bea.peerId]);
      pass(ALIVE_MS);
      await tracker.call(`/api/v1/peers/${ana.peerId}/heartbeat`, { method: "POST", lease: ana.lease });
      await tracker.registry.tick();
      pass(1);
      expect(await peerIds()).toEqual([ana.peerId]);
    } finally {
      await tracker.close();
    }
  },
);
