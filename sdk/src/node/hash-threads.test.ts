import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashBlocksPortably } from "../content/merkle.ts";
import { type HashThreads, createHashThreads } from "./hash-threads.ts";

const LENGTHS = [0, 1, 16_384, 16_385, 100_000];

describe("createHashThreads()", () => {
  let threads: HashThreads;
  beforeAll(() => {
    threads = createHashThreads(2);
  });
  afterAll(() => threads.close());

  function fill(memory: Uint8Array): Uint8Array {
    for (let i = 0; i < memory.length; i++) memory[i] = i * 7;
    return memory;
  }

  it("hashes blocks in shared memory, many at a time, each to its own answer", async () => {
    const all = LENGTHS.map((length) => fill(threads.allocate(length)));
    const hashes = await Promise.all(all.map(async (data) => threads.hashBlocks(data)));
    expect(hashes).toEqual(all.map((data) => hashBlocksPortably(data)));
  });

  it("hashes a part of shared memory", async () => {
    const part = fill(threads.allocate(50_000)).subarray(777, 40_000);
    expect(await threads.hashBlocks(part)).toEqual(hashBlocksPortably(part));
  });

  it("hashes other memory as well", async () => {
    const data = fill(new Uint8Array(20_000));
    expect(new Uint8Array(await threads.hashBlocks(data))).toEqual(hashBlocksPortably(data));
  });

  it("reads and hashes stretches of an open file, and says when there is less of it", async () => {
    const content = fill(new Uint8Array(700_001));
    const folder = await mkdtemp(join(tmpdir(), "panal-hash-"));
    await writeFile(join(folder, "file"), content);
    const file = await open(join(folder, "file"));
    try {
      const hashes = await Promise.all([
        threads.hashFile(file.fd, { start: 0, end: 32_768 }),
        threads.hashFile(file.fd, { start: 32_768, end: content.length }),
        threads.hashFile(file.fd, { start: 0, end: 0 }),
      ]);
      expect(Buffer.concat(hashes)).toEqual(Buffer.from(await hashBlocksPortably(content)));
      const tooLong = threads.hashFile(file.fd, { start: 0, end: content.length + 1 });
      await expect(tooLong).rejects.toMatchObject({ code: "changed" });
      // The thread goes on.
      expect(await threads.hashFile(file.fd, { start: 0, end: 1 })).toHaveLength(32);
    } finally {
      await file.close();
      await rm(folder, { recursive: true });
    }
  });

  it("fails what is asked of threads that have ended", async () => {
    const closing = createHashThreads(1);
    const answer = Promise.resolve(closing.hashBlocks(closing.allocate(16 * 1024 * 1024)));
    const failure = answer.catch((error: unknown) => error);
    await closing.close();
    expect(await failure).toMatchObject({ code: "internal" });
  });
});
