import { fileIdOf } from "@panal/sdk/content";
import { expect, it } from "vitest";
import { createPosters, hasPoster } from "./posters.ts";

const GIB = 1024 ** 3;
const idOf = (number: number, length = GIB) => fileIdOf(new Uint8Array(32).fill(number), length);
const signal = new AbortController().signal;

function setUp(options: { isReady?: boolean; draw?: () => Promise<string | undefined> } = {}) {
  const told: string[] = [];
  const posters = createPosters({
    ready: async () => options.isReady ?? true,
    async openPeek(fileId) {
      told.push(`open ${fileId[0]}`);
    },
    urlOfPeek: (_fileId, name) => `/stream/${name}?peek`,
    closePeek: (fileId) => void told.push(`close ${fileId[0]}`),
    draw: options.draw ?? (async (url) => `blob:${url}`),
    forget: () => {},
  });
  return { posters, told };
}

it("get() looks into one film at a time, and ends each look", async () => {
  const { posters, told } = setUp();
  const [first, second] = [idOf(0x11), idOf(0x22)];
  const urls = await Promise.all([
    posters.get(first, { name: "a.webm", signal }),
    posters.get(second, { name: "b.webm", signal }),
    posters.get(first, { name: "a.webm", signal }),
  ]);
  expect(urls).toEqual(["blob:/stream/a.webm?peek", "blob:/stream/b.webm?peek", "blob:/stream/a.webm?peek"]);
  expect(told).toEqual(["open 1", "close 1", "open 2", "close 2"]);
});

it("get() gives none of a film that can't be drawn, ends the look, and doesn't try again", async () => {
  const { posters, told } = setUp({ draw: () => Promise.reject(new Error("not playable")) });
  for (let time = 0; time < 2; time++) {
    expect(await posters.get(idOf(0x11), { name: "a.webm", signal })).toBeUndefined();
  }
  expect(told).toEqual(["open 1", "close 1"]);
});

it("get() fetches nothing where the service worker can't be had", async () => {
  const { posters, told } = setUp({ isReady: false });
  expect(await posters.get(idOf(0x11), { name: "a.webm", signal })).toBeUndefined();
  expect(told).toEqual([]);
});

it.each([
  ["a.webm", GIB, true],
  ["a.mp4", 1, true],
  ["a.webm", 0, false],
  // Pieces of 2 MiB, and of 4.
  ["a.webm", 16 * GIB, true],
  ["a.webm", 17 * GIB, false],
  // Pieces of 16 MiB.
  ["a.webm", 1024 * GIB, false],
  ["a.mov", GIB, false],
  ["a.avi", GIB, false],
  ["a.png", 1000, false],
  ["a.mp3", 1000, false],
])("hasPoster() of %s with %i bytes is %s where QuickTime isn't played", (name, length, expected) => {
  expect(hasPoster(idOf(1, length), name, (mime) => mime !== "video/quicktime")).toBe(expected);
});
