import { afterEach, beforeEach, expect, test } from "vitest";
import { createSqliteStore } from "./store/sqlite.ts";
import { type TestTracker, createTestTracker } from "./testing/test-tracker.ts";

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.close());

test.each([
  ["b7f3-A.1_x", true],
  ["x".repeat(64), true],
  ["x".repeat(65), false],
  ["", false],
  ["-x", false],
  ["two words", false],
  ["a\u00e9", false],
  ['x","level":"fatal', false],
])("X-Request-Id %j is taken: %s", async (given, isTaken) => {
  const call = () => tracker.call("/api/v1/stats", { headers: { "x-request-id": given } });
  const requestId = (await call()).headers.get("x-request-id");
  if (isTaken) expect(requestId).toBe(given);
  else {
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect((await call()).headers.get("x-request-id")).not.toBe(requestId);
  }
});

test.each([
  ["GET", "/api/v1/files?limit=0", 400, "invalid"],
  ["POST", "/api/v1/peers/nobody-here/heartbeat", 401, "unauthorized"],
  ["GET", "/api/v1/peers/nobody-here", 404, "not-found"],
  ["GET", "/nothing/here", 404, "not-found"],
  ["PUT", "/api/v1/stats", 405, "method-not-allowed"],
])("%s %s: a problem with its kind and the request's id", async (method, path, status, kind) => {
  const { body, headers } = await tracker.call(path, { method, headers: { "x-request-id": "mine" } });
  expect(body).toMatchObject({ status, type: `urn:panal:problem:${kind}`, requestId: "mine" });
  expect(headers.get("x-request-id")).toBe("mine");
  expect(headers.get("content-type")).toBe("application/problem+json");
});

test("an address that is taken, a foreign page and a strange host name have kinds of their own", async () => {
  await tracker.register(4000);
  const taken = await tracker.call("/api/v1/peers", { body: { name: "b", port: 4000 } });
  expect(taken.body).toMatchObject({ status: 409, type: "urn:panal:problem:address-taken" });
  const headers = { origin: "https://evil.example" };
  const foreign = await tracker.call("/register", { body: { port: 1 }, headers });
  expect(foreign.body).toMatchObject({ status: 403, type: "urn:panal:problem:foreign-origin" });
  const strange = await tracker.call("/api/v1/stats", { headers: { host: "evil.example" } });
  expect(strange.body).toMatchObject({ status: 421, type: "urn:panal:problem:unknown-host" });
  expect(strange.body.requestId).toBe(strange.headers.get("x-request-id"));
});

test("our own mistakes are in the log under the request's id, and nowhere else", async () => {
  const store = createSqliteStore(":memory:");
  const own = createTestTracker({
    store: {
      ...store,
      index: { ...store.index, stats: () => Promise.reject(new Error("secret of the house")) },
    },
  });
  const { status, body } = await own.call("/api/v1/stats", { headers: { "x-request-id": "mine" } });
  expect([status, body.type, body.requestId]).toEqual([500, "urn:panal:problem:internal", "mine"]);
  expect(JSON.stringify(body)).not.toContain("secret");
  expect(own.log.join("\n")).toMatch(/mine[^]*secret of the house/);
  await own.close();
});

test("a wrong field comes with the value it had, shortened; a secret doesn't", async () => {
  const errorsOf = async (path: string, body?: unknown) =>
    (await tracker.call(path, body === undefined ? {} : { body })).body.errors as unknown[];
  expect(await errorsOf("/api/v1/files?limit=999")).toMatchObject([{ field: "limit", value: "999" }]);
  expect(await errorsOf("/api/v1/files/xyz")).toMatchObject([{ field: "fileId", value: "xyz" }]);
  expect(await errorsOf("/api/v1/peers", { name: "a", port: 70_000 })).toMatchObject([
    { field: "port", value: 70_000 },
  ]);
  const long = { name: "a", urls: [`ftp://${"x".repeat(300)}`] };
  expect(await errorsOf("/api/v1/peers", long)).toMatchObject([
    { field: "urls[0]", value: `ftp://${"x".repeat(94)}…` },
  ]);
  const bare = await errorsOf("/logout", { lease: "s".repeat(300) });
  expect(bare).toMatchObject([{ field: "lease" }]);
  expect(JSON.stringify(bare)).not.toContain("sss");
});
