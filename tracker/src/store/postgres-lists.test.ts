import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, createTestDatabase } from "../testing/test-database.ts";
import { createPostgresStore } from "./postgres.ts";
import type { Store } from "./store.ts";
import { EVERYTHING, fileOf, peerOf, queryOf, storeUnderTest } from "./testing/sample-entries.ts";

// What two trackers do at the same time to the same names; one alone has the suites.

let database: TestDatabase;
let stores: [Store, Store];
beforeAll(async () => {
  database = await createTestDatabase();
  const open = () => createPostgresStore({ url: database.url, now: Date.now, note: () => {} }).store;
  stores = [open(), open()];
  await stores[0].ping();
});
afterAll(async () => {
  for (const store of stores) await store.close();
  await database.drop();
});

const number = async (sql: string) => Number((await database.all<{ count: string }>(sql))[0]!.count);

test("names that one takes away while the other finds them: nothing is lost, nothing is left", async () => {
  const files = Array.from({ length: 60 }, (_, n) => fileOf(`shared/honey jar ${n}.txt`, n));
  for (let round = 0; round < 8; round++) {
    await stores[0].peers.save(peerOf("ana", { addressKeys: ["a"] }));
    await stores[0].lists.stage({ peerId: "ana", files, uploadId: "u", now: 1 });
    await stores[0].lists.commit({ peerId: "ana", uploadId: "u", revision: 1 });
    await stores[1].peers.save(peerOf("bea", { addressKeys: ["b"] }));
    // The last one goes as the next one comes.
    await stores[0].peers.remove({ peerIds: ["ana"] });
    await Promise.all([
      storeUnderTest(() => stores[0]).collectAll(),
      stores[1].lists.stage({ peerId: "bea", files, uploadId: "u", now: 1 }),
    ]);
    await stores[1].lists.commit({ peerId: "bea", uploadId: "u", revision: 1 });
    const found = await stores[0].index.search(EVERYTHING, queryOf({ q: "honey jar", limit: 100 }));
    expect(found.rows.length).toBe(60);
    await Promise.all([
      stores[0].peers.remove({ peerIds: ["bea"] }),
      storeUnderTest(() => stores[1]).collectAll(),
    ]);
  }
  for (const store of stores) await storeUnderTest(() => store).collectAll();
  for (const table of ["entries", "names", "files", "words"])
    expect(await number(`SELECT count(*) FROM ${table}`), table).toBe(0);
});

test("many announce the same at once: each content and each name is there once, and the sums are right", async () => {
  const files = Array.from({ length: 300 }, (_, n) => fileOf(`common/wax ${n}.bin`, n, { size: 10 }));
  const peerIds = Array.from({ length: 6 }, (_, n) => `peer-${n}`);
  await Promise.all(
    peerIds.map(async (peerId, n) => {
      const store = stores[n % 2]!;
      await store.peers.save(peerOf(peerId, { addressKeys: [peerId] }));
      const mixed = n % 3 === 0 ? files.toReversed() : files;
      await store.lists.stage({ peerId, files: mixed, uploadId: "u", now: 1 });
      await store.lists.commit({ peerId, uploadId: "u", revision: 1 });
    }),
  );
  expect(await number("SELECT count(*) FROM names")).toBe(300);
  expect(await number("SELECT count(*) FROM files")).toBe(300);
  expect(await stores[0].index.stats(EVERYTHING)).toEqual({
    peers: 6,
    files: 300,
    entries: 1_800,
    totalSize: 3_000,
  });
  for (const peerId of peerIds)
    expect(await stores[1].peers.find({ peerId })).toMatchObject({ fileCount: 300, totalSize: 3_000 });
  const { rows } = await stores[0].index.search(EVERYTHING, queryOf({ q: "wax 123.bin" }));
  expect(rows).toMatchObject([{ peerCount: 6 }]);
});

test("paths too long for an index are sorted and found like others", async () => {
  const long = "x".repeat(300);
  const paths = [`${long}/b`, `${long}/a`, `${"ü".repeat(2_000)}/z`, `${"ü".repeat(2_000)}/y`, "a"];
  await storeUnderTest(() => stores[0]).share(
    "dora",
    paths.map((path, n) => fileOf(path, 9_000 + n)),
    { addressKeys: ["d"] },
  );
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await stores[1].index.peerFiles(EVERYTHING, "dora", { prefix: "", limit: 1, cursor });
    seen.push(...page.rows.map(({ path }) => path));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(seen).toEqual(paths.toSorted());
  const under = await stores[1].index.peerFiles(EVERYTHING, "dora", { prefix: `${long}/`, limit: 9 });
  expect(under.rows.map(({ path }) => path)).toEqual([`${long}/a`, `${long}/b`]);
});
