import { afterEach, beforeEach, expect, test } from "vitest";
import { type EventFollower, createEventFollower } from "./event-follower.ts";
import type { TrackerEvent } from "./events.ts";
import type { EventLog, LogPart, LoggedEvent } from "./store/event-log.ts";
import { type ManualClock, createManualClock } from "./testing/manual-clock.ts";

const eventOf = (peerId: string): TrackerEvent => ({
  type: "peer-joined",
  peerId,
  name: peerId,
  isLocalOnly: false,
});

/** A log in memory that gives two events at a time. */
function createLog() {
  const log = { name: "first", events: [] as LoggedEvent[], isAway: false, reads: 0 };
  let wake = () => {};
  const eventLog: EventLog = {
    async read(after): Promise<LogPart> {
      log.reads++;
      if (log.isAway) throw new Error("away");
      const lastSeq = log.events.at(-1)?.seq ?? 0;
      const from = after === undefined || after > lastSeq ? 0 : after;
      const events = log.events.filter(({ seq }) => seq > from).slice(0, 2);
      return { log: log.name, events, lastSeq };
    },
    listen(listener) {
      wake = listener;
      return async () => {};
    },
  };
  return {
    log,
    eventLog,
    wake: () => wake(),
    add: (peerId: string) =>
      log.events.push({ seq: (log.events.at(-1)?.seq ?? 0) + 1, event: eventOf(peerId) }),
  };
}

let clock: ManualClock;
let follower: EventFollower;
let received: string[];
let under: ReturnType<typeof createLog>;

function follow(): void {
  follower = createEventFollower({
    eventLog: under.eventLog,
    clock,
    bus: {
      adopt: ({ log, events }) =>
        received.push(`adopt ${log} ${events.map(({ event }) => event.peerId).join(" ")}`.trim()),
      receive: (events) => received.push(...events.map(({ event }) => event.peerId)),
    },
  });
}

beforeEach(() => {
  clock = createManualClock();
  received = [];
  under = createLog();
});
afterEach(() => follower.close());

test("what is there at the start is history, what comes after it is passed on in order", async () => {
  under.add("a");
  follow();
  await clock.pass(0);
  expect(received).toEqual(["adopt first a"]);
  for (const peerId of ["b", "c", "d"]) under.add(peerId);
  await follower.read();
  expect(received).toEqual(["adopt first a", "b", "c", "d"]);
});

test("asks every second, and at once when it is woken", async () => {
  follow();
  await clock.pass(50);
  under.add("a");
  await clock.pass(900);
  expect(received).toEqual(["adopt first"]);
  await clock.pass(200);
  await clock.pass(50);
  expect(received).toEqual(["adopt first", "a"]);
  under.add("b");
  under.wake();
  await clock.pass(0);
  await clock.pass(50);
  expect(received).toEqual(["adopt first", "a", "b"]);
});

test("a log that can't be read is read again, and nothing is lost", async () => {
  follow();
  await clock.pass(0);
  under.log.isAway = true;
  under.add("a");
  await expect(follower.read()).rejects.toThrow("away");
  under.log.isAway = false;
  await clock.pass(1_000);
  await clock.pass(50);
  await clock.pass(0);
  expect(received).toEqual(["adopt first", "a"]);
});

test("another log, or an older copy of it, is begun anew", async () => {
  under.add("a");
  follow();
  await clock.pass(0);
  under.add("b");
  await follower.read();
  under.log.events.length = 1;
  await follower.read();
  under.log.name = "second";
  await follower.read();
  expect(received).toEqual(["adopt first a", "b", "adopt first a", "adopt second a"]);
});
