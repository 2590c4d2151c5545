import { describe, expect, it } from "vitest";
import { createFlusher } from "./flusher.ts";

const MIB = 1024 * 1024;

/** A file whose flushes end when they are told to. */
function createFile() {
  const flushes: PromiseWithResolvers<void>[] = [];
  return {
    flushes,
    datasync() {
      const flush = Promise.withResolvers<void>();
      flushes.push(flush);
      return flush.promise;
    },
  };
}

describe("createFlusher()", () => {
  it("flushes in steps while more is written, one at a time, and the rest at the end", async () => {
    const file = createFile();
    const flusher = createFlusher(file);
    flusher.written(63 * MIB);
    expect(file.flushes).toHaveLength(0);
    flusher.written(MIB);
    flusher.written(200 * MIB);
    expect(file.flushes).toHaveLength(1);
    file.flushes[0]!.resolve();
    await flusher.idle();
    flusher.written(1);
    expect(file.flushes).toHaveLength(2);
    file.flushes[1]!.resolve();
    await flusher.idle();
    const all = flusher.flushAll();
    await expect.poll(() => file.flushes.length).toBe(3);
    file.flushes[2]!.resolve();
    await all;
  });

  it("tells the error of a flush nobody waited for, at the next write and at the end", async () => {
    const file = createFile();
    const flusher = createFlusher(file);
    flusher.written(64 * MIB);
    file.flushes[0]!.reject(new Error("disk full"));
    await flusher.idle();
    expect(() => flusher.written(1)).toThrow("disk full");
    await expect(flusher.flushAll()).rejects.toThrow("disk full");
    expect(file.flushes).toHaveLength(1);
  });
});
