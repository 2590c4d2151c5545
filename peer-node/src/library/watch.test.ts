import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, PanalError } from "@panal/sdk";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type TestFolder, createTestFolder } from "../testing/shared-folder.ts";
import { watchFolder } from "./watch.ts";

let folder: TestFolder;
beforeEach(async () => {
  folder = await createTestFolder();
});
afterEach(() => folder.close());

/** Sleeps only end when the test says so. */
function handClock(): Clock & { wake(): void; readonly slept: number[] } {
  let resolve = () => {};
  const slept: number[] = [];
  return {
    slept,
    wake: () => resolve(),
    now: () => 0,
    sleep(ms, signal) {
      slept.push(ms);
      return new Promise((done, fail) => {
        resolve = done;
        const stop = () => fail(new PanalError("aborted", "stopped"));
        if (signal?.aborted) stop();
        signal?.addEventListener("abort", stop, { once: true });
      });
    },
  };
}

it("watchFolder() tells of files and folders that come, move and go", { timeout: 20_000 }, async () => {
  const seen = new Set<string>();
  const states: string[] = [];
  const watch = watchFolder({
    root: folder.root,
    onPaths: (paths) => {
      for (const path of paths) seen.add(path);
    },
    onState: ({ type }) => states.push(type),
  });
  const sees = (path: string) => vi.waitFor(() => expect([...seen]).toContain(path), { timeout: 10_000 });
  try {
    await vi.waitFor(() => expect(states).toEqual(["watching"]));
    await writeFile(join(folder.root, "a.txt"), "a");
    await sees("a.txt");
    await mkdir(join(folder.root, "dir"));
    await sees("dir");
    await writeFile(join(folder.root, "dir", "b.txt"), "b");
    await sees("dir/b.txt");
    await rename(join(folder.root, "dir"), join(folder.root, "moved"));
    await sees("moved");
    seen.clear();
    await rm(join(folder.root, "a.txt"));
    await sees("a.txt");
  } finally {
    await watch.close();
  }
});

it("watchFolder() looks again from time to time while it can't watch, and says so once", async () => {
  const clock = handClock();
  const states: string[] = [];
  let looks = 0;
  let fails = true;
  const watch = watchFolder({
    root: folder.root,
    clock,
    onPaths: (paths) => {
      expect(paths).toEqual([""]);
      looks++;
    },
    onState: (state) => states.push(state.type),
    subscribe: () =>
      fails ? Promise.reject(new Error("no more watches")) : Promise.resolve({ unsubscribe: async () => {} }),
  });
  await vi.waitFor(() => expect(clock.slept).toEqual([30_000]));
  clock.wake();
  await vi.waitFor(() => expect(clock.slept).toEqual([30_000, 30_000]));
  expect({ looks, states }).toEqual({ looks: 2, states: ["polling"] });
  fails = false;
  clock.wake();
  await vi.waitFor(() => expect(states).toEqual(["polling", "watching"]));
  expect(looks).toBe(3);
  await watch.close();
});

it("watchFolder() watches anew when the watcher breaks", async () => {
  const clock = handClock();
  const breaks: ((error: Error) => void)[] = [];
  let unsubscribed = 0;
  const watch = watchFolder({
    root: folder.root,
    clock,
    onPaths: () => {},
    subscribe: (_root, callback) => {
      breaks.push((error) => callback(error, []));
      return Promise.resolve({
        unsubscribe: async () => {
          unsubscribed++;
        },
      });
    },
  });
  await vi.waitFor(() => expect(clock.slept).toEqual([3_600_000]));
  breaks[0]!(new Error("events were lost"));
  await vi.waitFor(() => expect(clock.slept).toEqual([3_600_000, 30_000]));
  expect(unsubscribed).toBe(1);
  clock.wake();
  await vi.waitFor(() => expect(breaks).toHaveLength(2));
  await watch.close();
  expect(unsubscribed).toBe(2);
});
