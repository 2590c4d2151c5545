import { afterAll, beforeAll } from "vitest";
import { type TestDatabase, createTestDatabase } from "../testing/test-database.ts";
import { createPostgresStore } from "./postgres.ts";
import { describeStore } from "./testing/store-suite.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const store = openStore();
  await store.ping();
  await store.close();
});
afterAll(() => database.drop());

function openStore() {
  return createPostgresStore({ url: database.url, now: Date.now, note: () => {} }).store;
}

describeStore("PostgreSQL", {
  isPersistent: true,
  createPlace: async () => {
    await database.empty();
    return { store: openStore(), reopen: openStore, remove: async () => {} };
  },
});
