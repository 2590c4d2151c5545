import { describe, expect, test } from "vitest";
import { type LimitName, TooManyError, createLimits } from "./limits.ts";

const STRANGER = { address: "203.0.113.7", isLocal: false, isSeen: true };
const NEIGHBOUR = { ...STRANGER, address: "203.0.113.8" };
const LOCAL = { address: "127.0.0.1", isLocal: true, isSeen: true };

function createScene({ factor = 1, heartbeatSeconds = 10 } = {}) {
  const clock = { now: 1_000_000 };
  const limits = createLimits({
    now: () => clock.now,
    factor,
    heartbeatSeconds,
    viaBytesPerSecond: 1_000,
  });
  /** 0 when it is admitted, else the seconds to wait. */
  const wait = (kind: LimitName, caller = STRANGER, lease?: string) => {
    try {
      limits.admit(kind, { caller, lease });
      return 0;
    } catch (error) {
      if (!(error instanceof TooManyError)) throw error;
      return error.retryAfterSeconds;
    }
  };
  return { clock, limits, wait };
}

describe("files", () => {
  test("a list that is longer than there is room for is taken, and the next waits until that is made up for", () => {
    const { clock, limits, wait } = createScene();
    limits.chargeFiles({ caller: STRANGER, lease: "a" }, 5_500_000);
    expect(wait("announces", STRANGER, "a")).toBe(11);
    expect(wait("announces", STRANGER, "b")).toBe(0);
    clock.now += 11_000;
    expect(wait("announces", STRANGER, "a")).toBe(0);
  });

  test("those of all leases at an address add up, and leave other addresses alone", () => {
    const { limits, wait } = createScene();
    for (let n = 0; n < 4; n++) limits.chargeFiles({ caller: STRANGER, lease: `lease ${n}` }, 3_000_000);
    expect(wait("announces", STRANGER, "fresh")).toBe(41);
    expect(wait("announces", NEIGHBOUR, "fresh")).toBe(0);
  });

  test("a million from a hundred peers of this machine at once are no matter", () => {
    const { limits, wait } = createScene();
    for (let n = 0; n < 100; n++) {
      expect(wait("announces", LOCAL, `lease ${n}`)).toBe(0);
      limits.chargeFiles({ caller: LOCAL, lease: `lease ${n}` }, 10_000);
    }
    expect(wait("announces", LOCAL, "lease 0")).toBe(0);
  });
});

test("with shorter intervals between heartbeats there may be more of them", () => {
  const { clock, wait } = createScene({ heartbeatSeconds: 0.1 });
  for (let n = 0; n < 600; n++) {
    clock.now += 100;
    expect(wait("heartbeats", STRANGER, "a")).toBe(0);
  }
});

test("an address is told when there is more, and the message names the limit and the way out", () => {
  const { limits } = createScene({ factor: 0.01 });
  const account = { caller: STRANGER, lease: undefined };
  limits.admit("reports", account);
  expect(() => limits.admit("reports", account)).toThrow(
    "reports: an address may do 0.01 a second, and 1 at once; come back in 100 s (an operator allows more with --limits)",
  );
});

test("what is open is counted by kind and address, and given back once", () => {
  const { limits } = createScene({ factor: 0.002 });
  const close = limits.open("streams", STRANGER);
  expect(() => limits.open("streams", STRANGER)).toThrow(/^streams: an address may have 1 open/);
  limits.open("streams", NEIGHBOUR);
  for (let n = 0; n < 8; n++) limits.open("connections", STRANGER);
  expect(() => limits.open("connections", STRANGER)).toThrow(/^connections: an address may have 8 open/);
  close();
  close();
  limits.open("streams", STRANGER);
  expect(() => limits.open("streams", STRANGER)).toThrow(TooManyError);
});
