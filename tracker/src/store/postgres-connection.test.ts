import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestDatabase, createTestDatabase } from "../testing/test-database.ts";
import { createPostgresStore } from "./postgres.ts";
import { whyUnusable } from "./postgres-errors.ts";

const PASSWORD = "sesame-17";

function openAt(url: string) {
  const states: boolean[] = [];
  const { store } = createPostgresStore({ url, now: Date.now, note: ({ isThere }) => states.push(isThere) });
  return { store, states };
}

/** What the first question is answered with. */
async function failureAt(url: string): Promise<unknown> {
  const { store } = openAt(url);
  try {
    return await store.ping().then(
      () => undefined,
      (error: unknown) => error,
    );
  } finally {
    await store.close();
  }
}

/** The URL as another role, with a password. */
function asRole(url: string, role: string): string {
  return url.replace(/\/\/[^@]*@/, `//${role}:${PASSWORD}@`);
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe("createPostgresStore()", () => {
  test("makes the tables once, however many start at the same time", async () => {
    const fresh = await createTestDatabase();
    const stores = Array.from({ length: 4 }, () => openAt(fresh.url).store);
    await Promise.all(stores.map((store) => store.ping()));
    for (const store of stores) await store.close();
    await fresh.drop();
  });

  test("refuses the database of a newer version, in words for its operator only", async () => {
    const fresh = await createTestDatabase();
    expect(await failureAt(fresh.url)).toBeUndefined();
    await fresh.run("UPDATE panal_schema SET version = 99");
    const failure = await failureAt(fresh.url);
    expect(failure).toMatchObject({ code: "busy", message: expect.not.stringContaining("99") as string });
    expect(whyUnusable(failure)).toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/newer Panal/) as string,
    });
    await fresh.drop();
  });

  test("says what to do when the role may not create pg_trgm, and is content when it is there", async () => {
    const fresh = await createTestDatabase();
    const role = `poor_${Math.random().toString(36).slice(2)}`;
    await fresh.run(`CREATE ROLE ${role} LOGIN; GRANT ALL ON SCHEMA public TO ${role}`);
    const url = asRole(fresh.url, role);
    const why = whyUnusable(await failureAt(url));
    expect(why?.message).toMatch(/CREATE EXTENSION pg_trgm/);
    await fresh.run("CREATE EXTENSION pg_trgm");
    expect(await failureAt(url)).toBeUndefined();
    await fresh.drop();
  });

  test("says what to do when the role may not create tables", async () => {
    const fresh = await createTestDatabase();
    const role = `poorer_${Math.random().toString(36).slice(2)}`;
    await fresh.run(`CREATE ROLE ${role} LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
    const why = whyUnusable(await failureAt(asRole(fresh.url, role)));
    expect(why).toMatchObject({
      code: "no-permission",
      message: expect.stringMatching(/CREATE DATABASE/) as string,
    });
    await fresh.drop();
  });

  test("says that tables of something else are in the way", async () => {
    const fresh = await createTestDatabase();
    await fresh.run("CREATE TABLE files (id int)");
    expect(whyUnusable(await failureAt(fresh.url))?.message).toMatch(/one of its own/);
    await fresh.drop();
  });

  test("is busy while the server is away, and says so once", async () => {
    const { store, states } = openAt(`postgres://panal:${PASSWORD}@127.0.0.1:1/panal`);
    for (let n = 0; n < 2; n++) await expect(store.ping()).rejects.toMatchObject({ code: "busy" });
    expect(states).toEqual([false]);
    await store.close();
  });

  test("goes on after its connections were cut, and says that it is back", async () => {
    const { store, states } = openAt(database.url);
    await store.ping();
    const cut =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()";
    const asked = store.change(async ({ peers }) => {
      await database.run(cut);
      return { result: await peers.find({ peerId: "nobody" }), events: [] };
    });
    await expect(asked).rejects.toMatchObject({ code: "busy" });
    await store.ping();
    expect(states).toEqual([false, true]);
    await store.close();
  });

  test.each([
    ["a wrong database", (url: string) => url.replace(/\/test_\w+/, "/nowhere")],
    ["a role that isn't there", (url: string) => asRole(url, "stranger")],
    ["nobody there", () => `postgres://panal:${PASSWORD}@127.0.0.1:1/panal`],
    ["a host that isn't one", () => `postgres://panal:${PASSWORD}@no.such.invalid/panal`],
  ])("never tells the password: %s", async (_what, urlOf) => {
    const failure = await failureAt(urlOf(asRole(database.url, "panal")));
    expect(failure).toBeInstanceOf(Error);
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain(PASSWORD);
  });

  test.each(["postgres://user:sesame-17@[/panal", "postgres://user:sesame-17@host:port/%zz"])(
    "refuses what is no address, without repeating it: %s",
    (url) => {
      expect(() => openAt(url)).toThrow(/^--store: not an address/);
    },
  );
});
