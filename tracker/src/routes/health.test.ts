import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type TestTracker, createTestTracker } from "../testing/test-tracker.ts";

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker({ metricsFrom: ["10.0.0.2"] });
});
afterEach(() => tracker.close());

describe("/healthz and /readyz", () => {
  test("a tracker that stops works, but wants no more requests", async () => {
    tracker.health.stop();
    expect((await tracker.call("/healthz")).status).toBe(200);
    expect(await tracker.call("/readyz")).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining("stopping") },
    });
  });

  test("a tracker whose upkeep hangs is to be started anew", async () => {
    await tracker.pass(59_000);
    expect((await tracker.call("/healthz")).status).toBe(200);
    const tick = tracker.registry.tick;
    tracker.registry.tick = () => Promise.reject(new Error("stuck"));
    await expect(tracker.pass(61_000)).rejects.toThrow("stuck");
    expect((await tracker.call("/healthz")).status).toBe(503);
    tracker.registry.tick = tick;
    await tracker.pass(1);
    expect((await tracker.call("/healthz")).status).toBe(200);
  });
});

async function metrics(): Promise<string> {
  const answer = await tracker.call("/metrics");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
  return answer.body as string;
}

describe("/metrics", () => {
  test("is for this machine and whom --metrics-from names", async () => {
    const statusFor = async (from: string, headers = {}) =>
      (await tracker.call("/metrics", { from, headers })).status;
    expect(await statusFor("127.0.0.1")).toBe(200);
    expect(await statusFor("10.0.0.2")).toBe(200);
    expect(await statusFor("10.0.0.3")).toBe(403);
    // Through a proxy that isn't trusted: whose address that is, nobody knows.
    expect(await statusFor("127.0.0.1", { "x-forwarded-for": "10.0.0.3" })).toBe(403);
    expect(await statusFor("10.0.0.2", { "x-forwarded-for": "10.0.0.3" })).toBe(403);
  });

  test("counts peers, files, requests and events", async () => {
    const { peerId, lease } = await tracker.register(1);
    await tracker.register(2, { from: "10.0.0.1" });
    const file = { path: "a.txt", fileId: `${"a".repeat(64)}-1`, mtime: "2026-01-01T00:00:00Z" };
    await tracker.call(`/api/v1/peers/${peerId}/files`, { method: "PUT", lease, body: [file] });
    await tracker.call(`/api/v1/peers/${peerId}/heartbeat`, { method: "POST", lease });
    const text = await metrics();
    for (const line of [
      "panal_peers 2",
      "panal_files 1",
      "panal_store_up 1",
      "panal_event_listeners 0",
      'panal_events_total{type="peer-joined"} 2',
      'panal_http_requests_total{method="POST",route="/api/v1/peers",status="201"} 2',
      'panal_http_requests_total{method="POST",route="/api/v1/peers/:peerId/heartbeat",status="200"} 1',
      'panal_http_request_duration_seconds_count{method="PUT",route="/api/v1/peers/:peerId/files"} 1',
    ]) {
      expect(text.split("\n")).toContain(line);
    }
    expect(text).toMatch(/^panal_store_size_bytes [1-9]\d+$/m);
  });

  test("labels don't grow with what strangers ask for", async () => {
    const series = async () =>
      (await metrics()).split("\n").filter((line) => line.startsWith("panal_http_requests_total{"));
    const ask = async (n: number) => {
      await tracker.call(`/nothing-${n}/here`);
      await tracker.call(`/api/v1/peers/nobody-${n}`);
      await tracker.call(`/search/no-${n}.txt`);
      await tracker.call(`/nothing-${n}.js`);
      await tracker.call("/api/v1/stats", { method: `M${n}` });
      await tracker.call("/api/v1/stats", { headers: { host: `evil-${n}.example` } });
    };
    await ask(0);
    await series();
    const before = (await series()).length;
    for (let n = 1; n < 20; n++) await ask(n);
    const after = await series();
    expect(after.length).toBe(before);
    expect(after.join("\n")).not.toMatch(/nobody|nothing|evil|M1/);
    expect(after.join("\n")).toContain('{method="GET",route="none",status="421"} 20');
  });

  test("says that the database doesn't answer, and goes on", async () => {
    tracker.store.measure = () => Promise.reject(new Error("gone"));
    expect((await metrics()).split("\n")).toContain("panal_store_up 0");
  });

  test("the dashboard in deploy/ shows only what there is", async () => {
    await tracker.register(1);
    await tracker.call("/healthz");
    const known = new Set(Array.from((await metrics()).matchAll(/^# TYPE (\S+)/gm), (match) => match[1]!));
    const dashboard = await readFile(
      new URL("../../../deploy/grafana-dashboard.json", import.meta.url),
      "utf8",
    );
    const shown = Array.from(dashboard.matchAll(/\bpanal_\w+/g), ([name]) =>
      name.replace(/_(bucket|sum|count)$/, ""),
    );
    expect(new Set(shown)).toEqual(known);
  });
});
