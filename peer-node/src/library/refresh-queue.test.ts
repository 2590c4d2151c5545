import { describe, expect, it } from "vitest";
import { createRefreshQueue, topmost } from "./refresh-queue.ts";

describe("topmost()", () => {
  it.each([
    { paths: ["a", "b/c"], left: ["a", "b/c"] },
    { paths: ["a/b", "a", "a/b/c", "ab"], left: ["a", "ab"] },
    { paths: ["a/b/c", ""], left: [""] },
    { paths: Array.from({ length: 501 }, (_, index) => `f${index}`), left: [""] },
  ])("leaves $left", ({ paths, left }) => {
    expect(topmost(paths)).toEqual(left);
  });
});

describe("createRefreshQueue()", () => {
  it("looks at one thing at a time, and once for calls that come together", async () => {
    const log: string[] = [];
    const queue = createRefreshQueue(async (path) => {
      log.push(`>${path}`);
      await Promise.resolve();
      log.push(`<${path}`);
    });
    await Promise.all([queue.add("a"), queue.add("b"), queue.add("a"), queue.add("a/deep")]);
    expect(log).toEqual([">a", "<a", ">b", "<b"]);
  });

  it("looks again when it is asked while it looks", async () => {
    let looks = 0;
    const again: Promise<void>[] = [];
    const queue = createRefreshQueue(async () => {
      if (looks++ === 0) again.push(queue.add("a"));
    });
    await queue.add("a");
    await queue.whenEmpty();
    await Promise.all(again);
    expect({ looks, isEmpty: queue.isEmpty }).toEqual({ looks: 2, isEmpty: true });
  });

  it("looks at nothing before it may begin, and then once at what was asked for until then", async () => {
    const begin = Promise.withResolvers<void>();
    const looked: string[] = [];
    const queue = createRefreshQueue(async (path) => void looked.push(path), begin.promise);
    const all = [queue.add(""), queue.add("a")];
    expect(queue.isEmpty).toBe(false);
    begin.resolve();
    // As the watcher does, as soon as it is in place.
    all.push(queue.add(""));
    await Promise.all(all);
    expect(looked).toEqual([""]);
  });
});
