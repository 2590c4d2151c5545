import { afterEach, beforeEach, expect, test } from "vitest";
import { createEventBus } from "../events.ts";
import { type TestTracker, createTestTracker } from "../testing/test-tracker.ts";

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.close());

async function watch(from: string) {
  const response = await tracker.app.request("http://localhost/api/v1/events", {}, { remoteAddress: from });
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    /** Reads on until the stream has shown this. */
    async until(part: string): Promise<string> {
      while (!text.includes(part)) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`ended without ${part}: ${text}`);
        text += value;
      }
      return text;
    },
    cancel: () => reader.cancel(),
  };
}

test("events tell of peers that come, change and go", async () => {
  const watcher = await watch("10.0.0.9");
  await watcher.until(": hello");
  // Only this machine may know of the first one.
  await tracker.register(1, { from: "127.0.0.1", name: "Hidden" });
  const { peerId, lease } = await tracker.register(2, {
    from: "10.0.0.1",
    name: "Seen\nby none".replace("\n", " "),
  });
  await tracker.call(`/api/v1/peers/${peerId}/files`, { method: "PUT", lease, body: [] });
  await tracker.call(`/api/v1/peers/${peerId}`, { method: "DELETE", lease });
  const text = await watcher.until("event: peer-left");
  expect(text).toContain("event: peer-joined");
  expect(text).toContain(`"fileCount":0`);
  expect(text).not.toContain("Hidden");
  await watcher.cancel();
});

test("HEAD has the stream's headers, and no stream that nobody would end", async () => {
  const head = await tracker.call("/api/v1/events", { method: "HEAD" });
  expect(head).toMatchObject({ status: 200, body: "" });
  expect(head.headers.get("content-type")).toMatch(/^text\/event-stream/);
});

test("the stream ends when the tracker stops", async () => {
  const bus = createEventBus();
  const watcher = bus.watch({ includeLocalOnly: true })!;
  const next = watcher.next(60_000);
  bus.close();
  expect(await next).toBeUndefined();
  expect(watcher.closed).toBe(true);
});

test("a watcher that is far behind is told so, and costs no more memory", async () => {
  const bus = createEventBus();
  const watcher = bus.watch({ includeLocalOnly: true })!;
  const event = { type: "peer-joined", peerId: "a", name: "a", isLocalOnly: false } as const;
  for (let n = 0; n < 257; n++) bus.emit(event);
  expect(await watcher.next(1)).toBe("reset");
  bus.emit(event);
  expect(await watcher.next(1)).toEqual(event);
  watcher.close();
  bus.emit(event);
  expect(await watcher.next(1)).toBeUndefined();
});

test("there is an end to the number of watchers", () => {
  const bus = createEventBus();
  const watchers = Array.from({ length: 1_000 }, () => bus.watch({ includeLocalOnly: false }));
  expect(watchers).not.toContain(undefined);
  expect(bus.watch({ includeLocalOnly: false })).toBeUndefined();
  watchers[0]!.close();
  expect(bus.watch({ includeLocalOnly: false })).toBeDefined();
});
