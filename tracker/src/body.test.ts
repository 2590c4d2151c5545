import { expect, test, vi } from "vitest";
import { createBodyReader } from "./body.ts";

const MAX = 1_000;
const bodyOf = (bytes: number) => new Request("http://x", { method: "POST", body: "a".repeat(bytes) });

test("use() counts all bodies that are here, and lets them go when their work is done", async () => {
  const bodies = createBodyReader({ maxBufferedBytes: 150 });
  const { promise, resolve } = Promise.withResolvers<string>();
  const first = bodies.use(bodyOf(100), MAX, () => promise);
  await expect(bodies.use(bodyOf(100), MAX, async (text) => text)).rejects.toMatchObject({ code: "busy" });
  expect((await bodies.use(bodyOf(50), MAX, async (text) => text)).length).toBe(50);
  resolve("done");
  expect(await first).toBe("done");
  expect((await bodies.use(bodyOf(100), MAX, async (text) => text)).length).toBe(100);
});

test("use() gives its room back when the body fails", async () => {
  const bodies = createBodyReader({ maxBufferedBytes: 100 });
  for (let n = 0; n < 3; n++) {
    const bad = new Request("http://x", { method: "POST", body: new Uint8Array(90).fill(0xff) });
    await expect(bodies.use(bad, MAX, async () => {})).rejects.toMatchObject({ code: "invalid" });
  }
});

test("use() takes a body of exactly the limit and none of one byte more", async () => {
  const bodies = createBodyReader();
  expect((await bodies.use(bodyOf(MAX), MAX, async (text) => text)).length).toBe(MAX);
  await expect(bodies.use(bodyOf(MAX + 1), MAX, async () => {})).rejects.toMatchObject({ code: "too-large" });
});

test("use() lets characters be cut between chunks", async () => {
  const bytes = new TextEncoder().encode("añ🐝");
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const text = await createBodyReader().use({ body, headers: new Headers() }, MAX, async (text) => text);
  expect(text).toBe("añ🐝");
});

test("useParts() reads on only when a part is done, and has no more than that in memory", async () => {
  const files = Array.from({ length: 100 }, (_, n) => JSON.stringify({ n, text: "x".repeat(50_000) }));
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent === files.length) controller.close();
      else controller.enqueue(new TextEncoder().encode(`${files[sent++]}\n`));
    },
  });
  const bodies = createBodyReader({ maxBufferedBytes: 700_000 });
  const seen: unknown[] = [];
  let parts = 0;
  await bodies.useParts({ body, headers: new Headers() }, 10_000_000, async ({ values, start }) => {
    expect(start).toBe(seen.length);
    // One more is read ahead by the stream itself.
    expect(sent - start).toBeLessThanOrEqual(13);
    parts++;
    seen.push(...(values as unknown[]));
  });
  expect(seen).toEqual(files.map((file) => JSON.parse(file)));
  expect(parts).toBeGreaterThan(8);
});

test("useParts() tells when long lists come, and when the last of them is done", async () => {
  const told: boolean[] = [];
  const bodies = createBodyReader({ onBulk: (isBulk) => told.push(isBulk) });
  const listOf = (count: number) =>
    new Request("http://x", { method: "POST", body: `{"text": "${"x".repeat(1_000)}"}\n`.repeat(count) });
  await bodies.useParts(listOf(10), 10_000_000, async () => {});
  expect(told).toEqual([]);
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = bodies.useParts(listOf(1_000), 10_000_000, () => promise);
  await bodies.useParts(listOf(1_000), 10_000_000, async () => {});
  expect(told).toEqual([true]);
  resolve();
  await first;
  expect(told).toEqual([true, false]);
  const refused = bodies.useParts(listOf(1_000), 10_000_000, async () => {
    throw new Error("no");
  });
  await expect(refused).rejects.toThrow("no");
  expect(told).toEqual([true, false, true, false]);
});

test("useParts() ends what sends it when a part is refused, and gives its room back", async () => {
  const bodies = createBodyReader({ maxBufferedBytes: 150 });
  for (let n = 0; n < 3; n++) {
    const request = new Request("http://x", { method: "POST", body: `[${"1,".repeat(50)}1]` });
    const refused = bodies.useParts(request, MAX, async () => {
      throw new Error("no");
    });
    await expect(refused).rejects.toThrow("no");
  }
});

test("a sender may be silent while what it sent is stored, and no longer than a minute when it is read", async () => {
  const waiting = new Set<() => void>();
  const bodies = createBodyReader({
    wait(ms, then) {
      expect(ms).toBe(60_000);
      waiting.add(then);
      return () => waiting.delete(then);
    },
  });
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(`{"n":1}\n`.repeat(50_000))),
  });
  const stored = Promise.withResolvers<void>();
  const storing = Promise.withResolvers<void>();
  const read = bodies.useParts({ body, headers: new Headers() }, 1_000_000, () => {
    storing.resolve();
    return stored.promise;
  });
  await storing.promise;
  expect(waiting.size).toBe(0);
  const rejected = expect(read).rejects.toMatchObject({ code: "timeout" });
  stored.resolve();
  await vi.waitFor(() => expect(waiting.size).toBe(1));
  for (const then of waiting) then();
  await rejected;
});
