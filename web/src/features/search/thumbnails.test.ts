import { fileIdOf } from "@panal/sdk/content";
import { expect, it } from "vitest";
import { createThumbnails, hasThumbnail } from "./thumbnails.ts";

const idOf = (number: number, length = 24) => fileIdOf(new Uint8Array(32).fill(number), length);
const signal = new AbortController().signal;

function pngOf(width: number, height: number): Uint8Array {
  const bytes = new Uint8Array(24);
  bytes.set([0x89, 0x50, 0x4e, 0x47]);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  return bytes;
}

function setUp(picture: Uint8Array | undefined = pngOf(64, 48)) {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const forgotten: string[] = [];
  let drawn = 0;
  const thumbnails = createThumbnails({
    async readSmall(fileId) {
      asked.push(fileId);
      await new Promise<void>((resolve) => answers.push(resolve));
      return picture;
    },
    draw: async () => `blob:${drawn++}`,
    forget: (url) => void forgotten.push(url),
  });
  const answer = async () => {
    answers.shift()?.();
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  };
  return { thumbnails, asked, answer, forgotten };
}

it("get() fetches two at a time, each once, and none that nobody wants any more", async () => {
  const { thumbnails, asked, answer } = setUp();
  const ending = new AbortController();
  const first = thumbnails.get(idOf(1), { name: "a.png", signal });
  const second = thumbnails.get(idOf(2), { name: "b.png", signal });
  const third = thumbnails.get(idOf(3), { name: "c.png", signal: ending.signal });
  const fourth = thumbnails.get(idOf(4), { name: "d.png", signal });
  const again = thumbnails.get(idOf(1), { name: "a.png", signal });
  await Promise.resolve();
  expect(asked).toEqual([idOf(1), idOf(2)]);
  ending.abort();
  await answer();
  expect(await third).toBeUndefined();
  expect(asked).toEqual([idOf(1), idOf(2), idOf(4)]);
  await answer();
  await answer();
  expect([await first, await again]).toEqual(["blob:0", "blob:0"]);
  expect([await second, await fourth]).toEqual(["blob:1", "blob:2"]);
});

it("get() fetches no more than two at a time, whenever somebody asks", async () => {
  let [running, most] = [0, 0];
  const thumbnails = createThumbnails({
    async readSmall() {
      most = Math.max(most, ++running);
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      running--;
      return undefined;
    },
    draw: async () => "",
    forget: () => {},
  });
  const all: Promise<unknown>[] = [];
  // Somebody asks in every turn, also in those between the end of one and the start of the next.
  for (let number = 0; number < 200; number++) {
    all.push(thumbnails.get(idOf(number), { name: "a.png", signal }));
    await Promise.resolve();
  }
  await Promise.all(all);
  expect(most).toBe(2);
});

it.each([
  ["too many pixels", pngOf(100_000, 100_000)],
  ["no picture", new Uint8Array(100)],
])("get() makes none of %s", async (_what, bytes) => {
  const { thumbnails, answer } = setUp(bytes);
  const url = thumbnails.get(idOf(1), { name: "a.png", signal });
  await Promise.resolve();
  await answer();
  expect(await url).toBeUndefined();
});

it("get() forgets the oldest of many", async () => {
  const { thumbnails, answer, forgotten } = setUp();
  for (let number = 0; number < 301; number++) {
    const url = thumbnails.get(idOf(number % 256, 24 + number), { name: "a.png", signal });
    await Promise.resolve();
    await answer();
    await url;
  }
  expect(forgotten).toEqual(["blob:0"]);
});

it.each([
  ["a.jpg", 4 * 1024 * 1024, true],
  ["a.jpg", 4 * 1024 * 1024 + 1, false],
  ["a.svg", 100, false],
  ["a.mp4", 100, false],
])("hasThumbnail() of %s with %i bytes is %s", (name, length, expected) => {
  expect(hasThumbnail(idOf(1, length), name)).toBe(expected);
});
