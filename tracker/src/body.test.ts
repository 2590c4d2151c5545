import { expect, test } from "vitest";
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
