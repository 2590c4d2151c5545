import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createPostgresStore } from "./store/postgres.ts";
import { sampleFileId } from "./store/testing/sample-entries.ts";
import { type TestDatabase, createTestDatabase } from "./testing/test-database.ts";
import { ALIVE_MS, type Answer, type TestTracker, createTestTracker } from "./testing/test-tracker.ts";

// Two trackers on one database, whose clocks are minutes apart; what time it is there, the tests say.

const MINUTE_MS = 60_000;
const NOON = Date.UTC(2026, 0, 1, 12);

let database: TestDatabase;
let databaseMs: number;
let fast: TestTracker;
let slow: TestTracker;
/** What is served at every address. */
let served: string;

/** The database's clock from now on. */
async function setDatabaseClock(ms: number): Promise<void> {
  databaseMs = ms;
  await database.run(`UPDATE clock.setting SET ms = ${ms}`);
}

/** Time passes everywhere. */
async function pass(ms: number, trackers = [fast, slow]): Promise<void> {
  await setDatabaseClock(databaseMs + ms);
  for (const tracker of trackers) await tracker.pass(ms);
}

function replica(startAt: number): TestTracker {
  // Ours comes before the server's own.
  const url = `${database.url}&options=${encodeURIComponent("-c search_path=clock,pg_catalog,public")}`;
  return createTestTracker({
    startAt,
    share: (now) => createPostgresStore({ url, now, note: () => {} }),
    peerNetwork: {
      resolve: () => Promise.reject(new Error("nobody needs a name")),
      get: async () => ({ status: 200, text: served }),
    },
  });
}

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.run(`
    DROP SCHEMA IF EXISTS clock CASCADE;
    CREATE SCHEMA clock;
    CREATE TABLE clock.setting (ms double precision);
    INSERT INTO clock.setting VALUES (0);
    CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
      AS 'SELECT to_timestamp(ms / 1000) FROM clock.setting'`);
  await setDatabaseClock(NOON);
  served = "";
  fast = replica(NOON + 5 * MINUTE_MS);
  slow = replica(NOON - 3 * MINUTE_MS);
  await pass(0);
});
afterEach(async () => {
  await fast.close();
  await slow.close();
});

async function peerIds(tracker: TestTracker): Promise<string[]> {
  const { body } = await tracker.call("/api/v1/peers");
  return (body.peers as { peerId: string }[]).map(({ peerId }) => peerId);
}

function beat(tracker: TestTracker, { peerId, lease }: { peerId: string; lease: string }): Promise<Answer> {
  return tracker.call(`/api/v1/peers/${peerId}/heartbeat`, { method: "POST", lease });
}

const fileOf = (path: string, n: number) => ({
  path,
  fileId: sampleFileId(n),
  mtime: "2026-01-01T00:00:00Z",
});

test("both have the time of the database", async () => {
  expect([fast.now(), slow.now()]).toEqual([NOON, NOON]);
  await pass(1_000);
  expect([fast.now(), slow.now()]).toEqual([NOON + 1_000, NOON + 1_000]);
});

test("a peer is there to the last moment and not after it, at both, and one of them tells it", async () => {
  const ana = await fast.register(1);
  await pass(ALIVE_MS);
  expect([await peerIds(fast), await peerIds(slow)]).toEqual([[ana.peerId], [ana.peerId]]);
  await pass(1);
  expect([await peerIds(fast), await peerIds(slow)]).toEqual([[], []]);
  const left = [...fast.events, ...slow.events].filter(({ type }) => type === "peer-left");
  expect(left).toMatchObject([{ peerId: ana.peerId }]);
});

test("a peer that beats at one after the other stays, and is back with one heartbeat anywhere", async () => {
  const ana = await fast.register(1);
  for (const tracker of [slow, fast, slow, fast, slow]) {
    await pass(ALIVE_MS / 2.5);
    expect((await beat(tracker, ana)).status).toBe(200);
  }
  await pass(0);
  expect(await peerIds(fast)).toEqual([ana.peerId]);
  expect([...fast.events, ...slow.events].map(({ type }) => type)).toEqual(["peer-joined"]);

  await pass(2 * ALIVE_MS);
  expect(await peerIds(slow)).toEqual([]);
  expect((await beat(slow, ana)).status).toBe(200);
  expect(await peerIds(fast)).toEqual([ana.peerId]);
  const told = [...fast.events, ...slow.events].map(({ type }) => type).sort();
  expect(told).toEqual(["peer-joined", "peer-joined", "peer-left"]);
});

test("who is told gone by one while its heartbeat waits at the other is told back", async () => {
  const ana = await fast.register(1);
  await pass(ALIVE_MS - 1_000);
  await beat(fast, ana);
  // Only memory of the other one knows of that heartbeat.
  await setDatabaseClock(databaseMs + 1_001);
  await slow.pass(1_001);
  expect(slow.events).toMatchObject([{ type: "peer-left" }]);
  await fast.pass(1_001);
  expect(fast.events.map(({ type }) => type)).toEqual(["peer-joined", "peer-joined"]);
  expect(await peerIds(slow)).toEqual([ana.peerId]);
});

test("an entry goes after a quarter of an hour, and no sooner, whoever clears up", async () => {
  const ana = await slow.register(1);
  await pass(14 * MINUTE_MS);
  await pass(MINUTE_MS);
  expect((await beat(slow, ana)).status).toBe(200);
  await pass(16 * MINUTE_MS);
  expect((await beat(slow, ana)).status).toBe(404);
});

test("a replica that was without the database doesn't clear up what had no chance to be heard", async () => {
  const ana = await slow.register(1);
  await pass(0);
  await database.run("ALTER TABLE clock.peers RENAME TO hidden");
  await setDatabaseClock(databaseMs + 20 * MINUTE_MS);
  for (const tracker of [fast, slow]) await expect(tracker.pass(20 * MINUTE_MS)).rejects.toThrow();
  await database.run("ALTER TABLE clock.hidden RENAME TO peers");
  await pass(0);
  expect((await beat(slow, ana)).status).toBe(200);
  expect(await peerIds(fast)).toEqual([ana.peerId]);
});

test("parts of a list come to different replicas, and another one is told the last", async () => {
  const ana = await fast.register(1);
  const put = (tracker: TestTracker, query: string, n: number) =>
    tracker.call(`/api/v1/peers/${ana.peerId}/files?${query}`, {
      method: "PUT",
      lease: ana.lease,
      body: [fileOf(`part ${n}.txt`, n)],
    });
  expect((await put(fast, "upload=u", 1)).body).toMatchObject({ fileCount: 1 });
  expect((await put(slow, "upload=u", 2)).body).toMatchObject({ fileCount: 2 });
  expect((await slow.call("/api/v1/files?q=part")).body.files).toEqual([]);
  expect((await put(fast, "upload=u&last=true", 3)).body).toMatchObject({ fileCount: 3 });
  expect((await slow.call("/api/v1/files?q=part")).body.files.length).toBe(3);
  expect(
    (await slow.call(`/api/v1/peers/${ana.peerId}`, { method: "DELETE", lease: ana.lease })).status,
  ).toBe(204);
  expect((await fast.call("/api/v1/files?q=part")).body.files).toEqual([]);
});

test("the nonce for an address that one handed out is taken by the other, once", async () => {
  const register = (tracker: TestTracker, nonce?: string) =>
    tracker.call("/api/v1/peers", {
      body: { name: "again", urls: ["http://192.168.1.9:7071"], ...(nonce === undefined ? {} : { nonce }) },
      from: "192.168.1.9",
    });
  const first = await register(fast);
  const { nonce } = (await register(slow)).body;
  served = nonce;
  const second = await register(fast, nonce);
  expect(second.status).toBe(201);
  expect(second.body.peerId).not.toBe(first.body.peerId);
  expect((await register(slow, nonce)).status).toBe(409);
});

test("two that want one address at the same time: one gets it", async () => {
  for (let port = 1; port <= 5; port++) {
    const answers = await Promise.all(
      [fast, slow, fast, slow].map((tracker) => tracker.call("/api/v1/peers", { body: { name: "x", port } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  }
});

/** What has come on an event stream. */
async function watch(tracker: TestTracker, lastEventId?: string) {
  const stop = new AbortController();
  await tracker.bus.reach(lastEventId);
  const body = tracker.bus.watch({
    includeLocalOnly: true,
    findHolders: async () => ({ peerIds: [], areAll: true }),
    signal: stop.signal,
    lastEventId,
  })!;
  let text = "";
  const reading = (async () => {
    for await (const chunk of body) text += Buffer.from(chunk).toString();
  })();
  return {
    /** Once there are so many: the types of events, and the id to come back with. */
    async until(count: number) {
      while ((text.match(/^event: /gm)?.length ?? 0) < count)
        await new Promise((resolve) => setImmediate(resolve));
      stop.abort();
      await reading;
      return {
        types: text.match(/(?<=^event: ).+$/gm) ?? [],
        lastId: text.match(/(?<=^id: ).+$/gm)!.at(-1)!,
      };
    },
  };
}

test("events reach listeners at both, and whoever comes back goes on at the other one", async () => {
  const [atFast, atSlow] = [await watch(fast), await watch(slow)];
  const ana = await fast.register(1);
  await pass(0);
  const [first, second] = [await atFast.until(1), await atSlow.until(1)];
  expect(first).toEqual(second);
  expect(first.types).toEqual(["peer-joined"]);
  await slow.call(`/api/v1/peers/${ana.peerId}`, { method: "DELETE", lease: ana.lease });
  // Not read by either yet: the client knows no more than they do, and then more than this one.
  await fast.pass(0);
  const again = await (await watch(fast, first.lastId)).until(1);
  expect(again.types).toEqual(["peer-left"]);
  await fast.register(2);
  await fast.pass(0);
  const ahead = await (await watch(fast, again.lastId)).until(1);
  expect(ahead.types).toEqual(["peer-joined"]);
  const elsewhere = await watch(slow, ahead.lastId);
  await fast.register(3);
  await pass(0);
  expect((await elsewhere.until(1)).types).toEqual(["peer-joined"]);
});

test("a replica that starts has the last events for those who come to it from one that ended", async () => {
  const watcher = await watch(fast);
  await fast.register(1);
  await pass(0);
  const { lastId } = await watcher.until(1);
  await fast.register(2);
  await fast.close();
  fast = replica(NOON + 9 * MINUTE_MS);
  expect((await (await watch(fast, lastId)).until(1)).types).toEqual(["peer-joined"]);
});
