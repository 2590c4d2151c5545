import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { TrackerEvent } from "../events.ts";
import { type TestDatabase, createTestDatabase } from "../testing/test-database.ts";
import type { EventLog, LoggedEvent } from "./event-log.ts";
import { type SharedStore, createPostgresStore } from "./postgres.ts";
import { peerOf } from "./testing/sample-entries.ts";

let database: TestDatabase;
let one: SharedStore;
let two: SharedStore;

function open(): SharedStore {
  return createPostgresStore({ url: database.url, now: Date.now, note: () => {} });
}

beforeAll(async () => {
  database = await createTestDatabase();
  const { store } = open();
  await store.ping();
  await store.close();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.empty();
  [one, two] = [open(), open()];
});
afterEach(async () => {
  await one.store.close();
  await two.store.close();
});

function eventOf(peerId: string, revision = 0): TrackerEvent {
  return { type: "files-changed", peerId, name: peerId, isLocalOnly: false, revision, fileCount: 0 };
}

/** Tells something, and changes nothing else. */
async function tell({ store }: SharedStore, ...events: TrackerEvent[]): Promise<void> {
  await store.change(async () => ({ result: undefined, events }));
}

const shown = (events: readonly LoggedEvent[]) => events.map(({ seq, event }) => `${seq} ${event.peerId}`);

/** All that comes after an event. */
async function readAll(log: EventLog, after: number): Promise<LoggedEvent[]> {
  const all: LoggedEvent[] = [];
  for (;;) {
    const { events } = await log.read(all.at(-1)?.seq ?? after);
    if (events.length === 0) return all;
    all.push(...events);
  }
}

test("a change that fails tells nothing", async () => {
  const failing = one.store.change(async ({ peers }) => {
    await peers.save(peerOf("ana"));
    return {
      result: undefined,
      events: [
        eventOf("ana", "not a number" as never),
        {
          ...eventOf("x"),
          toJSON: () => {
            throw new Error("unspeakable");
          },
        } as TrackerEvent,
      ],
    };
  });
  await expect(failing).rejects.toThrow("unspeakable");
  expect(await one.store.peers.find({ peerId: "ana" })).toBeUndefined();
  expect((await two.eventLog.read(0)).events).toEqual([]);
});

test("what commits late comes late: whoever has read on misses nothing", async () => {
  const [started, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const late = one.store.change(async ({ peers }) => {
    await peers.save(peerOf("late"));
    started.resolve();
    await goOn.promise;
    return { result: undefined, events: [eventOf("late")] };
  });
  await started.promise;
  await tell(two, eventOf("early"));
  expect(shown((await two.eventLog.read(0)).events)).toEqual(["1 early"]);
  goOn.resolve();
  await late;
  expect(shown((await two.eventLog.read(1)).events)).toEqual(["2 late"]);
});

test("what a process leaves that ends before it was numbered is numbered by another", async () => {
  await tell(one, eventOf("a"), eventOf("b"));
  expect(shown((await two.eventLog.read(0)).events)).toEqual(["1 a", "2 b"]);
});

test("all read the same, without gaps, and of each peer in the order of its changes, however many change at once", async () => {
  const peers = Array.from({ length: 8 }, (_, n) => `peer-${n}`);
  for (const peerId of peers) await one.store.peers.save(peerOf(peerId, { addressKeys: [peerId] }));
  const changes = peers.map(async (peerId) => {
    for (let revision = 1; revision <= 20; revision++) {
      const { store } = revision % 2 === 0 ? one : two;
      await store.change(async ({ lists }) => {
        await lists.patch({ peerId, baseRevision: revision - 1, revision, added: [], removed: [] });
        return { result: undefined, events: [eventOf(peerId, revision)] };
      });
    }
  });
  const state = { isDone: false };
  const done = Promise.all(changes).then(() => (state.isDone = true));
  const readers = [one, two, one, two].map(async ({ eventLog }) => {
    const all: LoggedEvent[] = [];
    while (!state.isDone) all.push(...(await eventLog.read(all.at(-1)?.seq ?? 0)).events);
    return [...all, ...(await readAll(eventLog, all.at(-1)?.seq ?? 0))];
  });
  await done;
  const [first, ...others] = await Promise.all(readers);
  expect(first!.map(({ seq }) => seq)).toEqual(Array.from({ length: 160 }, (_, n) => n + 1));
  for (const other of others) expect(other).toEqual(first);
  for (const peerId of peers) {
    const revisions = first!
      .filter(({ event }) => event.peerId === peerId)
      .map(({ event }) => event.revision);
    expect(revisions).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  }
});

test("read() without a place gives the last ones; names of many files aren't kept", async () => {
  const many = Array.from({ length: 101 }, (_, n) => `${n}.txt`);
  await tell(one, { ...eventOf("a"), added: [], removed: many.slice(1) }, { ...eventOf("b"), removed: many });
  const { events, lastSeq } = await one.eventLog.read(undefined);
  expect(lastSeq).toBe(2);
  expect(events.map(({ event }) => event.removed?.length)).toEqual([100, undefined]);
  // Of an older copy of the database: begin anew.
  expect((await one.eventLog.read(99)).events.length).toBe(2);
});

test("events are forgotten after some minutes; who comes then sees that some are absent", async () => {
  await tell(one, eventOf("a"), eventOf("b"));
  await one.eventLog.read(0);
  await database.run("UPDATE events SET made_at = made_at - interval '1 hour'");
  await tell(one, eventOf("c"));
  const late = open();
  await late.eventLog.read(0);
  expect(shown((await late.eventLog.read(0)).events)).toEqual(["3 c"]);
  await late.store.close();
});

test("listen() wakes when another has something", async () => {
  const woken = Promise.withResolvers<void>();
  const stop = two.eventLog.listen(() => woken.resolve());
  const state = { isWoken: false };
  const waiting = woken.promise.then(() => (state.isWoken = true));
  // It says so once it listens: until then, there may be nobody to hear.
  while (!state.isWoken) {
    await tell(one, eventOf("a"));
    await one.eventLog.read(0);
  }
  await waiting;
  await stop();
});
