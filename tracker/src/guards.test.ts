import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type TestTracker, createTestTracker } from "./testing/test-tracker.ts";

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker({
    allowHosts: ["Panal.lan"],
    allowOrigins: ["https://friend.example"],
    publicUrl: "https://panal.example",
  });
});
afterEach(() => tracker.close());

describe("Host", () => {
  test.each([
    ["localhost", 200],
    ["LOCALHOST:7070", 200],
    ["127.0.0.1:7070", 200],
    ["[::1]:7070", 200],
    ["203.0.113.9", 200],
    ["panal.lan:7070", 200],
    ["panal.example", 200],
    ["panal.example.", 200],
    ["evil.example", 421],
    ["localhost.evil.example", 421],
    ["panal.lan.evil.example", 421],
    ["evil.example:7070", 421],
    ["127.0.0.1.evil.example", 421],
    ["evil@localhost", 421],
    ["", 421],
  ])("%j: %i", async (host, status) => {
    const answer = await tracker.call("/api/v1/stats", { headers: { host } });
    expect(answer.status).toBe(status);
    if (status === 421) expect(answer.headers.get("content-type")).toBe("application/problem+json");
  });
});

describe("Origin", () => {
  const preflight = { "access-control-request-method": "PUT" };
  test.each([
    ["http://localhost:7070", true],
    ["http://127.0.0.1:7070", true],
    ["http://[::1]:7070", true],
    ["http://192.168.1.5:7070", true],
    ["http://panal.lan:7070", true],
    ["https://panal.example", true],
    ["https://friend.example", true],
    ["http://localhost:5173", false],
    ["http://friend.example", false],
    ["https://evil.example", false],
    ["null", false],
  ])("%s may use the API: %s", async (origin, isAllowed) => {
    const call = (path: string, options = {}) =>
      tracker.call(path, { ...options, headers: { origin, ...(options as { headers?: object }).headers } });
    const read = await call("/api/v1/stats");
    expect(read.status).toBe(200);
    expect(read.headers.get("access-control-allow-origin")).toBe(isAllowed ? origin : null);
    expect(read.headers.get("vary")).toMatch(/origin/);
    const write = await call("/register", { body: { port: 1 } });
    expect(write.status).toBe(isAllowed ? 201 : 403);
    const asked = await call("/api/v1/peers/x/files", { method: "OPTIONS", headers: preflight });
    expect(asked.status).toBe(isAllowed ? 204 : 403);
    if (isAllowed) expect(asked.headers.get("access-control-allow-methods")).toMatch(/PUT.*PATCH.*DELETE/);
  });

  test("errors can be read by pages that may use the API", async () => {
    const answer = await tracker.call("/api/v1/peers/nobody-here", {
      headers: { origin: "https://friend.example" },
    });
    expect(answer.status).toBe(404);
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://friend.example");
  });

  test("a page of this server may use it under the port a proxy shows", async () => {
    const headers = { host: "localhost:8080", origin: "http://localhost:8080" };
    expect((await tracker.call("/register", { body: { port: 1 }, headers })).status).toBe(201);
  });

  test("peers are told all of them, and never *", async () => {
    const { body } = await tracker.call("/api/v1/peers", { body: { name: "a", port: 1 } });
    expect((body.webOrigins as string[]).toSorted()).toEqual(
      [
        "http://localhost:7070",
        "http://127.0.0.1:7070",
        "http://[::1]:7070",
        "http://192.168.1.5:7070",
        "http://panal.lan:7070",
        "https://panal.example",
        "https://friend.example",
      ].toSorted(),
    );
  });
});

test("every answer forbids sniffing, framing, and sends no referrer; none forces https", async () => {
  for (const path of ["/", "/api/v1/stats", "/nothing", "/docs", "/register"]) {
    const { headers } = await tracker.call(path);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("content-security-policy")).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers.get("strict-transport-security")).toBeNull();
    expect(headers.get("cross-origin-resource-policy")).toBeNull();
  }
});
