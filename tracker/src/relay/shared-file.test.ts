import { Readable } from "node:stream";
import { PanalError } from "@panal/sdk";
import { describe, expect, test } from "vitest";
import type { StreamedAnswer } from "../gateway/peer-way.ts";
import type { StartFilling } from "./filling.ts";
import { NotGivenError } from "./filling.ts";
import { SLICE_BYTES, createHotSlices } from "./hot-slices.ts";
import { type Reading, type SharedFile, createSharedFile } from "./shared-file.ts";

const SLICES = 40;
const FILE = Buffer.from(
  Array.from({ length: SLICES * SLICE_BYTES + 77 }, (_, at) => (at * 7 + (at >> 9)) % 256),
);
const CHUNK_BYTES = 60_000;

interface Asked {
  readonly start: number;
  readonly end: number;
  /** How much of it was read. */
  sentBytes: number;
  endAt: number | undefined;
  isStopped: boolean;
}

const ASKER = { agent: undefined, client: "somebody" };

/** A file of a peer that answers at once, as far as `answer` doesn't say otherwise. */
function createScene({
  maxBytes = 1e9,
  msPerLook = 1,
  answer = undefined as ((asked: Asked) => StreamedAnswer) | undefined,
} = {}) {
  const asked: Asked[] = [];
  let time = 0;
  const start: StartFilling = ({ range, signal }) => {
    const one: Asked = { ...range, sentBytes: 0, endAt: undefined, isStopped: false };
    asked.push(one);
    signal.addEventListener("abort", () => (one.isStopped = true));
    return {
      answer: Promise.resolve().then(() => (answer ?? exact)(one)),
      endAt: (bytes) => (one.endAt = bytes),
    };
  };
  const hot = createHotSlices(() => maxBytes);
  const slices = hot.of();
  let isIdle = true;
  const shared = createSharedFile({
    fileId: "file",
    lengthBytes: FILE.length,
    slices,
    start,
    onIdle: () => (isIdle = true),
    now: () => (time += msPerLook),
  });
  const file: SharedFile = {
    read(range, asker) {
      isIdle = false;
      return shared.read(range, asker);
    },
  };
  return {
    file,
    asked,
    hot,
    slices,
    sent: () => asked.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
    isIdle: () => isIdle,
  };
}

function exact(asked: Asked, stopAfter = Number.POSITIVE_INFINITY): StreamedAnswer {
  const { start, end } = asked;
  async function* bytes() {
    for (let at = start; at < end; at += CHUNK_BYTES) {
      if (at - start >= stopAfter) throw new PanalError("unreachable", "gone");
      const chunk = FILE.subarray(at, Math.min(at + CHUNK_BYTES, end));
      asked.sentBytes += chunk.length;
      yield chunk;
    }
  }
  return {
    status: 206,
    headers: {
      "content-range": `bytes ${start}-${end - 1}/${FILE.length}`,
      "content-length": String(end - start),
    },
    body: Readable.from(bytes(), { objectMode: false, highWaterMark: 1 }),
  };
}

/** All of it, or less, in one chunk that nothing comes after. */
function endsAtOnce(asked: Asked, bytes: number): StreamedAnswer {
  const chunk = FILE.subarray(asked.start, Math.min(asked.start + bytes, asked.end));
  const body = new Readable({ read() {} });
  body.push(chunk);
  body.push(null);
  return { ...exact(asked), body };
}

async function take(reading: Reading, bytes = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let length = 0; length < bytes;) {
    const chunk = await reading.next();
    if (chunk === undefined) break;
    chunks.push(chunk);
    length += chunk.length;
  }
  return Buffer.concat(chunks);
}

const ALL = { start: 0, end: FILE.length };

function expectBytes(got: Buffer, start: number, end: number): void {
  expect(Buffer.compare(got, FILE.subarray(start, end))).toBe(0);
}

describe("a shared file", () => {
  test("is sent once for ten who read it at the same time, whatever the parts they ask for", async () => {
    const { file, asked, sent, isIdle } = createScene();
    await Promise.all(
      Array.from({ length: 10 }, async (_, reader) => {
        const step = SLICE_BYTES * (3 + reader);
        for (let start = 0; start < FILE.length; start += step) {
          const end = Math.min(start + step, FILE.length);
          expectBytes(await take(file.read({ start, end }, ASKER)), start, end);
        }
      }),
    );
    expect(sent()).toBeLessThanOrEqual(1.3 * FILE.length);
    expect(isIdle()).toBe(true);
    expect(
      asked.every(({ isStopped, sentBytes, start, end }) => isStopped || sentBytes === end - start),
    ).toBe(true);
  });

  test("comes from what is kept for the third who asks, odd ends and all; the second says that it is worth it", async () => {
    const { file, asked, hot } = createScene();
    expectBytes(await take(file.read(ALL, ASKER)), 0, FILE.length);
    expect(hot.costBytes).toBe(0);
    expectBytes(await take(file.read(ALL, ASKER)), 0, FILE.length);
    const [start, end] = [1000, FILE.length - 5];
    expectBytes(await take(file.read({ start, end }, ASKER)), start, end);
    expect(asked).toHaveLength(2);
  });

  test("isn't held up by one who stalls, who gets the rest when it likes", async () => {
    const { file, hot, sent } = createScene({ maxBytes: 4 * SLICE_BYTES });
    const slow = file.read(ALL, ASKER);
    const first = await take(slow, 1);
    expectBytes(await take(file.read(ALL, ASKER)), 0, FILE.length);
    expect(hot.costBytes).toBeLessThanOrEqual(4 * SLICE_BYTES);
    // What was kept has gone: the peer is asked again, once.
    expectBytes(Buffer.concat([first, await take(slow)]), 0, FILE.length);
    // But for a chunk that was read and came too late to count.
    expect(sent()).toBeLessThanOrEqual(2 * FILE.length + CHUNK_BYTES);
  });

  test("isn't read on while nobody waits for more", async () => {
    const { file, asked } = createScene();
    const reading = file.read(ALL, ASKER);
    await take(reading, 1);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(asked[0]!.sentBytes).toBeLessThanOrEqual(3 * CHUNK_BYTES);
    reading.close();
    expect(asked[0]!.isStopped).toBe(true);
  });

  test("goes on for others when the one who asked first leaves", async () => {
    const { file, asked, isIdle } = createScene();
    const [first, second] = [file.read(ALL, ASKER), file.read(ALL, ASKER)];
    const begun = [await first.next(), await second.next()];
    first.close();
    expect(isIdle()).toBe(false);
    expectBytes(Buffer.concat([begun[1]!, await take(second)]), 0, FILE.length);
    expect(asked).toHaveLength(1);
  });

  test("is asked for somewhere else by one who is far from what comes, and what that brings isn't asked for twice", async () => {
    const { file, asked } = createScene({ msPerLook: 1_000 });
    const middle = 20 * SLICE_BYTES;
    const ahead = file.read(ALL, ASKER);
    const begun = await take(ahead, 1);
    // So it is known that there are two.
    await take(file.read({ start: 0, end: 10 }, ASKER));
    const far = file.read({ start: middle, end: middle + SLICE_BYTES }, ASKER);
    expectBytes(await take(far), middle, middle + SLICE_BYTES);
    expect(asked[0]!.endAt).toBe(middle);
    expectBytes(Buffer.concat([begun, await take(ahead)]), 0, FILE.length);
    expect(asked.map(({ start }) => start)).toEqual([0, middle, middle + SLICE_BYTES]);
  });

  test.each([
    ["another status", (answer: StreamedAnswer) => ({ ...answer, status: 404 })],
    ["another range", (answer: StreamedAnswer) => ({ ...answer, headers: { "content-length": "5" } })],
    [
      "something packed",
      (answer: StreamedAnswer) => ({ ...answer, headers: { ...answer.headers, "content-encoding": "gzip" } }),
    ],
  ])("that is answered with %s isn't there, and nothing of it is kept", async (_, changed) => {
    const { file, hot } = createScene({ answer: (asked) => changed(exact(asked)) });
    const [first, second] = [file.read(ALL, ASKER), file.read(ALL, ASKER)];
    await expect(Promise.all([first.next(), second.next()])).rejects.toThrow(NotGivenError);
    expect(hot.costBytes).toBe(0);
  });

  test.each([10, 1.5 * SLICE_BYTES, 3 * SLICE_BYTES + 5])(
    "comes whole when the last chunk, of %d bytes, ends beyond a slice, and the answer with it",
    async (chunkBytes) => {
      const { file, asked } = createScene({ answer: (one) => endsAtOnce(one, chunkBytes) });
      const [start, end] = [SLICE_BYTES - 3, SLICE_BYTES - 3 + chunkBytes];
      expectBytes(await take(file.read({ start, end }, ASKER)), start, end);
      expect(asked).toHaveLength(1);
    },
  );

  test("that breaks off within a chunk gives what came, says so then, and isn't asked again by itself", async () => {
    const { file, asked, isIdle } = createScene({ answer: (one) => endsAtOnce(one, 10) });
    const reading = file.read({ start: SLICE_BYTES - 3, end: SLICE_BYTES + 100 }, ASKER);
    expectBytes(await take(reading, 10), SLICE_BYTES - 3, SLICE_BYTES + 7);
    await expect(reading.next()).rejects.toMatchObject({ code: "unreachable" });
    reading.close();
    expect(asked).toHaveLength(1);
    expect(isIdle()).toBe(true);
  });

  test("that breaks off fails all who wait for it; who asks then asks the peer again", async () => {
    let isBroken = true;
    const { file } = createScene({
      answer: (asked) => exact(asked, isBroken ? 2 * SLICE_BYTES : undefined),
    });
    const both = await Promise.allSettled([take(file.read(ALL, ASKER)), take(file.read(ALL, ASKER))]);
    for (const each of both) {
      expect(each).toMatchObject({ status: "rejected", reason: { code: "unreachable" } });
    }
    isBroken = false;
    expectBytes(await take(file.read(ALL, ASKER)), 0, FILE.length);
  });
});
