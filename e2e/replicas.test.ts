import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type TrackerEvent, trackerEvents } from "@panal/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensurePostgres } from "../scripts/ensure-postgres.ts";
import { type PostgresServer, startPostgresServer } from "../scripts/postgres-server.ts";
import { type TestDatabase, createTestDatabase } from "../tracker/src/testing/test-database.ts";
import { listedPeers } from "./support/listed-peers.ts";
import { type Stage, type Started, announced, createStage, until } from "./support/processes.ts";
import { type RoundRobin, openRoundRobin } from "./support/round-robin.ts";
import { writeSampleFile } from "./support/sample-file.ts";

// Several trackers on one PostgreSQL: a client may ask any of them, and doesn't notice when one dies.

let stage: Stage;
let database: TestDatabase;
let trackers: Started[];
let balancer: RoundRobin;

const startTracker = (url = database.url) =>
  stage.startTracker({ args: ["--store", url, "--heartbeat-seconds", "2"] });

beforeAll(async () => {
  stage = await createStage();
  database = await createTestDatabase();
  trackers = await Promise.all([startTracker(), startTracker(), startTracker()]);
  balancer = await openRoundRobin(() => trackers.map(({ url }) => url));
}, 120_000);
afterAll(async () => {
  await balancer.close();
  await stage.close();
  await database.drop();
});

interface Registered {
  peerId: string;
  lease: string;
}

async function register(url: string, port: number): Promise<Registered> {
  const body = JSON.stringify({ name: `peer ${port}`, port });
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/api/v1/peers`, { method: "POST", body, headers });
  expect(response.status).toBe(201);
  return (await response.json()) as Registered;
}

function withLease({ lease }: Registered, method: string, body?: unknown): RequestInit {
  const headers = { authorization: `Bearer ${lease}`, "content-type": "application/json" };
  return { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
}

const fileOf = (path: string, n: number) => ({
  path,
  fileId: `${n.toString(16).padStart(64, "0")}-${1_000 + n}`,
  mtime: "2026-01-01T00:00:00Z",
});

/** Follows what happens at a tracker, as a program with the SDK does. */
function follow(url: string) {
  const stop = new AbortController();
  const events: TrackerEvent[] = [];
  let connections = 0;
  const onConnection = ({ type }: { type: string }) => {
    if (type === "open") connections++;
  };
  const following = (async () => {
    for await (const event of trackerEvents({ url, signal: stop.signal, onConnection })) events.push(event);
  })();
  return {
    events,
    get connections() {
      return connections;
    },
    /** The types of what is told of a peer. */
    of: ({ peerId }: Registered) =>
      events.filter((event) => "peerId" in event && event.peerId === peerId).map(({ type }) => type),
    async end() {
      stop.abort();
      await following;
    },
  };
}

/** Starts one where another was killed. */
async function replace(index: number): Promise<void> {
  trackers[index] = await startTracker();
}

it("what one is told all know: peers, files, events, torrents, and what is gone", async () => {
  const [first, second, third] = trackers.map(({ url }) => url) as [string, string, string];
  const followers = trackers.map(({ url }) => follow(url));
  for (const follower of followers)
    await until("everybody listens", () => (follower.connections > 0 ? true : undefined));
  const share = join(stage.folder, "share");
  await mkdir(share);
  await writeSampleFile(join(share, "royal jelly.bin"), 2_000_000, 21);
  const peer = await stage.startPeer({ share, trackerUrl: first, name: "Ana" });
  const fileId = await announced(third, "royal jelly", 1);
  const torrent = await fetch(`${second}/api/v1/files/${fileId}/torrent`);
  expect(torrent.status).toBe(200);
  expect(Buffer.from(await torrent.arrayBuffer()).toString("latin1")).toContain("royal jelly.bin");

  const bea = await register(first, 9_001);
  const put = withLease(bea, "PUT", [fileOf("winter bees.txt", 1)]);
  expect((await fetch(`${second}/api/v1/peers/${bea.peerId}/files`, put)).status).toBe(200);
  await announced(third, "winter bees", 1);
  expect((await fetch(`${third}/api/v1/peers/${bea.peerId}`, withLease(bea, "DELETE"))).status).toBe(204);
  const gone = (await (await fetch(`${first}/api/v1/files?q=winter`)).json()) as { files: unknown[] };
  expect(gone.files).toEqual([]);
  for (const follower of followers) {
    const told = await until("all is told", () => {
      const types = follower.of(bea);
      return types.length === 3 ? types : undefined;
    });
    expect(told).toEqual(["peer-joined", "files-changed", "peer-left"]);
    await follower.end();
  }
  await peer.stop();
});

it("one is killed in the middle of an upload: the client sends the part again, and the list is whole", async () => {
  const ana = await register(balancer.url, 9_100);
  const parts = Array.from({ length: 8 }, (_, part) =>
    Array.from({ length: 3_000 }, (__, n) => fileOf(`upload/${part}/${n}.bin`, 10_000 + part * 3_000 + n)),
  );
  let killed = 0;
  for (const [index, part] of parts.entries()) {
    const query = `upload=u${index === parts.length - 1 ? "&last=true" : ""}`;
    const send = () => {
      const sent = fetch(
        `${balancer.url}/api/v1/peers/${ana.peerId}/files?${query}`,
        withLease(ana, "PUT", part),
      );
      // It may break off before anybody waits for it.
      sent.catch(() => {});
      return sent;
    };
    let sending = send();
    if (index === 2 || index === 4) {
      // While it writes: it is seen to be at it from the database.
      await until("a part is being written", async () => ((await isStaging(ana)) ? true : undefined));
      await trackers[killed++]!.stop("SIGKILL");
    }
    for (let tries = 0; tries < 10; tries++) {
      const response = await sending.catch(() => undefined);
      if (response?.status === 200) break;
      expect(response?.status ?? 503).toBe(503);
      sending = send();
    }
    expect((await sending).status).toBe(200);
  }
  // So many parts on a busy machine take longer than a peer may be silent.
  const beat = `${balancer.url}/api/v1/peers/${ana.peerId}/heartbeat`;
  expect((await fetch(beat, withLease(ana, "POST"))).status).toBe(200);
  const { files: shown } = (await (
    await fetch(`${balancer.url}/api/v1/files?q=upload&sort=name&limit=1`)
  ).json()) as {
    files: unknown[];
  };
  expect(shown.length).toBe(1);
  const peer = (await (await fetch(`${balancer.url}/api/v1/peers/${ana.peerId}`)).json()) as {
    fileCount: number;
  };
  expect(peer.fileCount).toBe(24_000);
  expect(killed).toBe(2);
  for (let index = 0; index < killed; index++) await replace(index);
});

/** Whether a list of the peer is being uploaded. */
async function isStaging({ peerId }: Registered): Promise<boolean> {
  const rows = await database.all<{ file_count: string }>(
    `SELECT l.file_count FROM lists l JOIN peers p ON p.id = l.peer WHERE p.peer_id = '${peerId}' AND l.state = 'staged'`,
  );
  return rows.length > 0;
}

it("one after the other is killed while somebody watches, who misses nothing and sees nothing twice", async () => {
  const follower = follow(balancer.url);
  await until("it listens", () => (follower.connections > 0 ? true : undefined));
  const peers: Registered[] = [];
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 5; n++) peers.push(await register(balancer.url, 9_200 + round * 10 + n));
    const before = follower.connections;
    const victim = await holderOf(follower);
    await trackers[victim]!.stop("SIGKILL");
    for (let n = 5; n < 10; n++) peers.push(await register(balancer.url, 9_200 + round * 10 + n));
    await until("it listens again", () => (follower.connections > before ? true : undefined));
    await replace(victim);
  }
  await until("all have been told", () => {
    const joined = new Set(follower.events.flatMap((event) => ("peerId" in event ? [event.peerId] : [])));
    return peers.every(({ peerId }) => joined.has(peerId)) ? true : undefined;
  });
  expect(follower.events.map(({ type }) => type)).not.toContain("resync");
  for (const peer of peers) expect(follower.of(peer).filter((type) => type === "peer-joined").length).toBe(1);
  const order = follower.events.flatMap((event) => (event.type === "peer-joined" ? [event.peerId] : []));
  const registered = new Set(peers.map(({ peerId }) => peerId));
  expect(order.filter((peerId) => registered.has(peerId))).toEqual(peers.map(({ peerId }) => peerId));
  await follower.end();
});

/** Which tracker the follower is connected to, by their own count of streams. */
async function holderOf(follower: { connections: number }): Promise<number> {
  return until(`somebody has stream ${follower.connections}`, async () => {
    for (const [index, { url }] of trackers.entries()) {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      if (/^panal_event_listeners [1-9]/m.test(metrics)) return index;
    }
    return undefined;
  });
}

it("a peer whose tracker is killed, and that stops then, is gone at the others, and that is told once", async () => {
  const ana = await register(trackers[0]!.url, 9_300);
  const beat = await fetch(
    `${trackers[0]!.url}/api/v1/peers/${ana.peerId}/heartbeat`,
    withLease(ana, "POST"),
  );
  expect(beat.status).toBe(200);
  const followers = trackers.slice(1).map(({ url }) => follow(url));
  for (const follower of followers)
    await until("they listen", () => (follower.connections > 0 ? true : undefined));
  await trackers[0]!.stop("SIGKILL");
  for (const [index, follower] of followers.entries()) {
    await until("it is told", () => (follower.of(ana).includes("peer-left") ? true : undefined));
    const { status } = await fetch(`${trackers[index + 1]!.url}/api/v1/peers/${ana.peerId}`);
    expect(status).toBe(404);
  }
  await replace(0);
  // What comes after it has come, too: nothing more is told of that one.
  const bea = await register(trackers[0]!.url, 9_301);
  for (const follower of followers) {
    await until("the next is told", () => (follower.of(bea).length > 0 ? true : undefined));
    expect(follower.of(ana).filter((type) => type === "peer-left").length).toBe(1);
    await follower.end();
  }
});

it("a peer of ours shares on while one tracker after the other is killed behind the balancer", async () => {
  const share = join(stage.folder, "share 2");
  await mkdir(share);
  await writeSampleFile(join(share, "propolis.bin"), 1_000_000, 5);
  const peer = await stage.startPeer({ share, trackerUrl: balancer.url, name: "Cleo" });
  await announced(balancer.url, "propolis", 1);
  for (let victim = 0; victim < 2; victim++) {
    await trackers[victim]!.stop("SIGKILL");
    await writeSampleFile(join(share, `propolis ${victim}.bin`), 100_000, 6 + victim);
    await announced(trackers[2]!.url, `propolis ${victim}`, 1);
    await replace(victim);
  }
  const peers = await listedPeers(balancer.url);
  expect(peers.filter(({ name }) => name === "Cleo").length).toBe(1);
  await peer.stop();
});

describe("a database that is away", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgresServer(await ensurePostgres());
  });
  afterAll(() => server.remove());

  const ready = async (url: string) => (await fetch(`${url}/readyz`)).status;

  it("at the start, and again later: 503 and Retry-After until it is back, and nobody has to do anything", async () => {
    await server.stop();
    const tracker = await startTracker(server.url("postgres"));
    for (let round = 0; round < 2; round++) {
      expect(await ready(tracker.url)).toBe(503);
      expect((await fetch(`${tracker.url}/healthz`)).status).toBe(200);
      const refused = await fetch(`${tracker.url}/api/v1/peers`);
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await refused.json()).toMatchObject({
        type: "urn:panal:problem:busy",
        detail: expect.stringContaining("database") as string,
      });
      await server.start();
      await until("it is ready", async () => ((await ready(tracker.url)) === 200 ? true : undefined));
      await register(tracker.url, 9_400 + round);
      if (round === 0) await server.stop();
    }
    expect(tracker.child.exitCode).toBeNull();
    await tracker.stop();
    expect(tracker.child.exitCode).toBe(0);
  });

  it("for good, because of a wrong name: the tracker says so and ends, without the password", async () => {
    const url = server.url("nowhere").replace("//panal@", "//panal:sesame-17@");
    const starting = startTracker(url);
    await expect(starting).rejects.toThrow(/--store: database "nowhere" does not exist/);
    await expect(starting).rejects.toThrow(expect.not.stringContaining("sesame-17") as string);
  });
});
